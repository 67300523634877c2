import assert from "node:assert/strict";
import { parseEvmAddress } from "@/domain/mod.ts";
import { chainConfig, registryOf, watchedService } from "@/triggers/evm/testing/registry.ts";
import { type Anvil, startAnvil } from "@tests/support/anvil.ts";
import { connectOwner } from "@tests/support/contracts.ts";
import { freePort } from "@tests/support/free_port.ts";
import { LogSpammer, SPAM } from "@tests/support/log_spammer.ts";
import { TriggersOnDisk } from "@tests/support/triggers_on_disk.ts";
import { until } from "@tests/support/until.ts";

const EVENTS = 1_000;
const DISTURBANCES = 20;
const MAX_LOGS_PER_BLOCK = 5;
const MAX_REORG_DEPTH = 6;
const MAX_FREEZE_MS = 1_500;

/** A random number generator that can be told to do the same once more. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A chain that keeps its state in a file, so that it can be killed. */
class MortalChain implements AsyncDisposable {
  anvil!: Anvil;
  readonly port = freePort();
  #lowestState = 0n;
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async start(): Promise<MortalChain> {
    const chain = new MortalChain(await Deno.makeTempDir({ prefix: "wavs-campaign-" }));
    await chain.revive();
    return chain;
  }

  async revive(): Promise<void> {
    const args = ["--state", `${this.#directory}/state.json`, "--state-interval", "1"];
    this.anvil = await startAnvil({ port: this.port, args });
    this.#lowestState = await connectOwner(this.anvil).reader.getBlockNumber();
  }

  /** Waits until all there is now is in its file. */
  async settle(): Promise<void> {
    const { reader } = connectOwner(this.anvil);
    const head = await reader.getBlockNumber({ cacheTime: 0 });
    await until("its state is written", async () => {
      const text = await readJson(`${this.#directory}/state.json`);
      return text !== undefined && BigInt(JSON.parse(text).best_block_number) >= head;
    });
  }

  /** How many blocks can be taken back: anvil does not keep the states of before it was started. */
  async depth(): Promise<number> {
    return Number(await connectOwner(this.anvil).reader.getBlockNumber({ cacheTime: 0 }) - this.#lowestState);
  }

  /** What it did not write to its file by now never happened. */
  async kill(): Promise<void> {
    const path = `${this.#directory}/state.json`;
    const state = await until("it has written its state", () => readJson(path));
    await this.anvil.stop("SIGKILL");
    // It may have been killed while it wrote.
    if (await readJson(path) === undefined) await Deno.writeTextFile(path, state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.anvil.stop("SIGKILL");
    await Deno.remove(this.#directory, { recursive: true });
  }
}

/** The text of a file, unless it is not there or cut off. */
async function readJson(path: string): Promise<string | undefined> {
  try {
    const text = await Deno.readTextFile(path);
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

type Disturbance = "killed" | "frozen" | "reorganised" | "rolled back" | "the node is killed";
const KINDS: readonly Disturbance[] = ["killed", "frozen", "reorganised", "rolled back", "the node is killed"];

async function disturb(
  kind: Disturbance,
  { chain, spammer, triggers, random }: {
    readonly chain: MortalChain;
    readonly spammer: LogSpammer;
    readonly triggers: TriggersOnDisk;
    readonly random: (below: number) => number;
  },
): Promise<void> {
  const pause = () => new Promise((resolve) => setTimeout(resolve, random(MAX_FREEZE_MS)));
  switch (kind) {
    case "killed":
      await chain.kill();
      await pause();
      return await chain.revive();
    case "frozen":
      chain.anvil.pause();
      await pause();
      return chain.anvil.resume();
    case "reorganised": {
      while (await chain.depth() <= MAX_REORG_DEPTH) await spammer.emit();
      const depth = 1 + random(MAX_REORG_DEPTH);
      const kept = Array.from({ length: random(depth + 1) }, (_, block) => [spammer.transaction(1), block]);
      await spammer.rpc("anvil_reorg", [depth, kept]);
      return;
    }
    case "rolled back":
      while (await chain.depth() <= MAX_REORG_DEPTH) await spammer.emit();
      await spammer.rpc("anvil_rollback", [1 + random(MAX_REORG_DEPTH)]);
      return;
    case "the node is killed":
      await triggers.kill();
      await spammer.emit(1 + random(MAX_LOGS_PER_BLOCK));
      return await triggers.resume();
  }
}

/** In a random order, each kind as often as the others. */
function plan(random: (below: number) => number): readonly { readonly after: number; readonly kind: Disturbance }[] {
  return Array.from({ length: DISTURBANCES }, (_, index) => ({
    // Not among the first events, so that there is always enough to take back.
    after: 50 + random(EVENTS - 100),
    kind: KINDS[index % KINDS.length] ?? "frozen",
  })).sort((left, right) => left.after - right.after);
}

Deno.test(`of ${EVENTS} events of a chain that is killed, frozen and reorganised, those of the chain fire once each`, async () => {
  const seed = Number(Deno.env.get("WAVS_CAMPAIGN_SEED") ?? Math.trunc(Math.random() * 2 ** 31));
  const random = randomFrom(seed);
  await using chain = await MortalChain.start();
  const spammer = await LogSpammer.deploy(chain.anvil);
  const config = chainConfig({ wsEndpoints: [`ws://127.0.0.1:${chain.port}`] });
  const trigger = { address: parseEvmAddress(spammer.contract), eventHash: SPAM };
  // The contract is part of the state a killed chain wakes with.
  await chain.settle();
  await using triggers = await TriggersOnDisk.start({
    ...registryOf([watchedService(1, [trigger])]),
    chains: [config],
  });

  const planned = [...plan(random)];
  const done: Disturbance[] = [];
  let count = 0;
  while (count < EVENTS || planned.length > 0) {
    const [next] = planned;
    if (next !== undefined && count >= next.after) {
      planned.shift();
      const emitting = next.kind === "frozen" ? spammer.emit() : undefined;
      await disturb(next.kind, { chain, spammer, triggers, random });
      await emitting;
      done.push(next.kind);
      count = (await spammer.canonical()).length;
    } else {
      const logs = Math.min(1 + random(MAX_LOGS_PER_BLOCK), EVENTS - count);
      await spammer.emit(logs);
      count += logs;
    }
  }
  assert.equal(done.length, DISTURBANCES);

  const expected = await spammer.canonical();
  assert.ok(expected.length >= EVENTS, `seed ${seed}: the chain has ${expected.length}`);
  try {
    await until("what fired is what is in the chain", () => String(triggers.standing) === String(expected));
  } catch (cause) {
    const standing = new Set(triggers.standing);
    const missing = expected.filter((identity) => !standing.has(identity)).length;
    const head = await spammer.rpc("eth_blockNumber", []);
    const told = triggers.context.records.map(({ message, fields }) => `${message} ${JSON.stringify(fields, plain)}`);
    throw new Error(
      `WAVS_CAMPAIGN_SEED=${seed}: ${missing} missing, ${standing.size} of ${expected.length} stand, head ${head}, ` +
        `${await triggers.health()}; ${done}\n${told.slice(-30).join("\n")}`,
      { cause },
    );
  }
});

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
