import { utf8Bytes } from "@/domain/mod.ts";
import { startTestPeer, type TestPeer } from "@/p2p/testing/peers.ts";
import { signedSubmission, submissionBytes } from "@/verifier/testing/signed_submission.ts";
import type { Team } from "./operators.ts";

const EVERY_MS = 20;

/**
 * A peer that takes part in a service to do harm: it forges, alters what it hears, replays it, signs with keys nobody
 * registered, sends noise, and passes nothing on.
 */
export class HostileOperator implements AsyncDisposable {
  sent = 0;
  readonly #peer: TestPeer;
  readonly #team: Team;
  readonly #closing = new AbortController();
  readonly #harming: Promise<void>;

  private constructor(peer: TestPeer, team: Team) {
    this.#peer = peer;
    this.#team = team;
    this.#harming = this.#harm();
  }

  static async start(team: Team): Promise<HostileOperator> {
    const bootstrapNodes = await Promise.all(team.operators.map((operator) => operator.address()));
    const peer = await startTestPeer({ bootstrapNodes });
    // What it hears ends with it.
    peer.verdict = "ignore";
    // Who asks it what was missed is told lies, too.
    peer.submissions = Array.from({ length: 20 }, (_, index) => forged(team, index));
    peer.network.join(team.serviceId);
    return new HostileOperator(peer, team);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#harming;
    await this.#peer[Symbol.asyncDispose]();
  }

  async #harm(): Promise<void> {
    for (let turn = 0; !this.#closing.signal.aborted; turn++) {
      for (const bytes of this.#lies(turn)) {
        await this.#peer.network.publish(this.#team.serviceId, bytes);
        this.sent++;
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  #lies(turn: number): Uint8Array[] {
    const heard = this.#peer.received.at(-1 - turn % 8)?.bytes;
    return [
      crypto.getRandomValues(new Uint8Array(1_000)),
      utf8Bytes(`{"deep":${"[".repeat(10_000)}${turn}`),
      forged(this.#team, turn),
      stranger(this.#team, turn),
      ...(heard === undefined ? [] : [heard, altered(heard, turn)]),
    ];
  }
}

/** Its signature is of another envelope. */
function forged({ serviceId }: Team, turn: number): Uint8Array {
  const draft = signedSubmission({ serviceId, data: { kind: "Raw", data: utf8Bytes(`forged ${turn}`) } });
  const other = signedSubmission({ serviceId, response: { payload: utf8Bytes(`else ${turn}`) }, key: 2 });
  return submissionBytes({ ...draft, eventId: other.eventId, envelope: other.envelope });
}

/** All of it is right, but nobody has registered its signer. */
function stranger({ serviceId }: Team, turn: number): Uint8Array {
  const data = { kind: "Raw", data: utf8Bytes(`stranger ${turn}`) } as const;
  return submissionBytes(signedSubmission({ serviceId, data, key: 3 + turn % 200 }));
}

/** What an operator signed, with another answer. */
function altered(heard: Uint8Array, turn: number): Uint8Array {
  const copy = heard.slice();
  const at = turn * 31 % copy.length;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
