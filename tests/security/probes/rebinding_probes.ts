/** Names whose owner is hostile: what they lead to is his to say, and to change between two questions. */
import assert from "node:assert/strict";
import { createContext } from "@/context/mod.ts";
import { isWavsError } from "@/domain/mod.ts";
import type { ResolveName } from "@/engine/egress/resolve.ts";
import { createEgressServer } from "@/engine/egress/server.ts";
import { requestTo } from "@/engine/egress/testing/requests.ts";
import { recordingLog, type Stage } from "./stage.ts";
import type { Control, Probe } from "./types.ts";

const REBINDING = "DNS rebinding";
const NAME = "rebinding.test";

/** What the resolver says, question by question. */
const ANSWERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "a name that leads to loopback": [["127.0.0.1"]],
  "a name that leads to loopback in IPv6": [["::1"]],
  "a name that leads to loopback mapped into IPv6": [["::ffff:127.0.0.1"]],
  "a name that leads to the metadata of clouds": [["169.254.169.254"]],
  "a name that leads to a private network and to loopback": [["10.0.0.1", "127.0.0.1"]],
  "a name that leads nowhere first and to loopback then": [[], ["127.0.0.1"]],
};

/** The resolver is the one part that is not real: nobody here owns a name. Sockets and server are. */
export function rebindingProbes({ server }: Stage): Promise<Probe[]> {
  return Promise.resolve(
    Object.entries(ANSWERS).map(([name, answers]) => ({
      category: REBINDING,
      name,
      async attempt() {
        const messages: string[] = [];
        for (let question = 0; question < answers.length; question++) {
          await assert.rejects(
            ask(server.port, { answers: answers.slice(question), isPrivateAllowed: false }),
            (error) => {
              assert.ok(isWavsError(error, "http_error"), String(error));
              assert.match(error.message, /is not a public address|no address/);
              messages.push(error.message);
              return true;
            },
          );
        }
        return { by: "HTTP-request-denied", record: messages };
      },
    })),
  );
}

/** The same server by the same name, where private networks are allowed. */
export function rebindingControls({ server }: Stage): Promise<Control[]> {
  return Promise.resolve([{
    category: REBINDING,
    name: "a name that may lead to loopback, and is asked for once",
    attempt: () => ask(server.port, { answers: [["127.0.0.1"]], isPrivateAllowed: true }),
  }]);
}

async function ask(
  port: number,
  { answers, isPrivateAllowed }: {
    readonly answers: readonly (readonly string[])[];
    readonly isPrivateAllowed: boolean;
  },
): Promise<void> {
  let asked = 0;
  const resolve: ResolveName = () =>
    Promise.resolve((answers[asked++] ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
  const { signal } = new AbortController();
  const { clock } = createContext({ log: recordingLog([]), signal });
  using egress = createEgressServer({ allowPrivateNetworks: isPrivateAllowed }, { clock, resolve });
  const request = requestTo(`http://${NAME}:${port}/mine`);
  const head = await egress.handlers.open({ job: 1, exchange: 1, allowedHosts: { kind: "all" }, request }, { signal });
  assert.equal(head?.status, 200);
}
