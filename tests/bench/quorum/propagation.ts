import { utf8Bytes } from "@/domain/mod.ts";
import { topicOf } from "@/p2p/mod.ts";
import { randomService, startTestPeer, type TestPeer } from "@/p2p/testing/peers.ts";
import { median, round, Times } from "../rounds.ts";

/** About as long as a submission. */
const MESSAGE_BYTES = 1_200;

const WARM_UP = 20;

/** Operators each of them knows at its start; the others it finds by Kademlia. */
const BOOTSTRAP_NODES = 4;

/** Others each of them should hear before messages are sent: two more than a mesh of gossip has. */
const NEIGHBOURS = 8;

/** All of them share this machine's cores. What was not reached until then is told, not waited for. */
const MEETING_TIMEOUT_MS = 180_000;

/** Gossip repeats what the mesh did not bring within a second or two. What is later than this is lost. */
const ARRIVAL_TIMEOUT_MS = 10_000;

/** One message of one operator every so often: an event that all of them sign would be as many at once. */
const PAUSE_MS = 20;

export interface PropagationResult {
  readonly operators: number;
  readonly arrivalP50Ms: number;
  readonly arrivalP99Ms: number;
  /** When the last of the operators has a message. */
  readonly everywhereP50Ms: number;
  readonly everywhereP99Ms: number;
  /** Arrivals that should have been and were not, within {@link ARRIVAL_TIMEOUT_MS}. */
  readonly lost: number;
  readonly meetingSeconds: number;
  /** How many others the operator that hears the fewest hears, and one in the middle. */
  readonly heardLeast: number;
  readonly heardMedian: number;
  readonly mebibytesPerNode: number;
}

/** How long a message of one of many operators takes to the others; all of them in this process. */
export async function measurePropagation(operators: number, messages: number): Promise<PropagationResult> {
  await using stack = new AsyncDisposableStack();
  const before = memory();
  const service = randomService();
  const peers: TestPeer[] = [];
  while (peers.length < operators) {
    const bootstrapNodes = peers.slice(-BOOTSTRAP_NODES).map(({ address }) => address);
    const peer = stack.use(await startTestPeer({ bootstrapNodes, kademliaDiscoveryIntervalSecs: 5 }));
    peer.network.join(service);
    peers.push(peer);
  }
  const meeting = await meet(peers, topicOf(service));
  const mebibytesPerNode = round((memory() - before) / operators / 2 ** 20);

  const [arrival, everywhere] = [new Times(), new Times()];
  let lost = 0;
  for (let message = 0; message < WARM_UP + messages; message++) {
    if (message === WARM_UP) {
      arrival.startRound();
      everywhere.startRound();
    }
    const sender = peers[message % operators];
    if (sender === undefined) throw new Error("there are operators");
    const bytes = new Uint8Array(MESSAGE_BYTES);
    bytes.set(utf8Bytes(`message ${message} `));
    const others = peers.filter((peer) => peer !== sender);
    const waits = others.map((peer) => nextArrival(peer));
    const sentMs = performance.now();
    await sender.network.publish(service, bytes);
    const arrivals = (await Promise.all(waits)).filter((at) => at !== undefined);
    if (message >= WARM_UP) lost += waits.length - arrivals.length;
    for (const at of arrivals) arrival.add((at - sentMs) * 1_000);
    everywhere.add((Math.max(...arrivals) - sentMs) * 1_000);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const ms = (times: Times, percent: number) => round(times.percentile(percent) / 1_000);
  return {
    operators,
    arrivalP50Ms: ms(arrival, 50),
    arrivalP99Ms: ms(arrival, 99),
    everywhereP50Ms: ms(everywhere, 50),
    everywhereP99Ms: ms(everywhere, 99),
    lost,
    ...meeting,
    mebibytesPerNode,
  };
}

/** Waits until every one of them hears enough others, or the time is over. */
async function meet(
  peers: readonly TestPeer[],
  topic: string,
): Promise<Pick<PropagationResult, "meetingSeconds" | "heardLeast" | "heardMedian">> {
  const startedMs = performance.now();
  const enough = Math.min(NEIGHBOURS, peers.length - 1);
  for (;;) {
    const heard = peers.map(({ network }) => network.status().topics.get(topic) ?? 0);
    const elapsedMs = performance.now() - startedMs;
    if (heard.every((count) => count >= enough) || elapsedMs > MEETING_TIMEOUT_MS) {
      return { meetingSeconds: round(elapsedMs / 1_000), heardLeast: Math.min(...heard), heardMedian: median(heard) };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** When a peer has its next message; nothing when it is lost. */
function nextArrival(peer: TestPeer): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const timer = setTimeout(() => resolve(undefined), ARRIVAL_TIMEOUT_MS);
  peer.onReceived = () => {
    clearTimeout(timer);
    resolve(performance.now());
  };
  return promise;
}

function memory(): number {
  return Deno.memoryUsage().rss;
}
