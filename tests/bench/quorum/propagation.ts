import { utf8Bytes } from "@/domain/mod.ts";
import { topicOf } from "@/p2p/mod.ts";
import { randomService, startTestPeer, type TestPeer } from "@/p2p/testing/peers.ts";
import { round, Times } from "../rounds.ts";

/** About as long as a submission. */
const MESSAGE_BYTES = 1_200;

const WARM_UP = 20;

const MEETING_TIMEOUT_MS = 300_000;

/** One message of one operator every so often: an event that all of them sign would be as many at once. */
const PAUSE_MS = 20;

export interface PropagationResult {
  readonly operators: number;
  readonly arrivalP50Ms: number;
  readonly arrivalP99Ms: number;
  /** When the last of the operators has a message. */
  readonly everywhereP50Ms: number;
  readonly everywhereP99Ms: number;
  readonly mebibytesPerNode: number;
}

/** How long a message of one of many operators takes to the others; all of them in this process. */
export async function measurePropagation(operators: number, messages: number): Promise<PropagationResult> {
  await using stack = new AsyncDisposableStack();
  const before = memory();
  const service = randomService();
  const topic = topicOf(service);
  const first = stack.use(await startTestPeer({ kademliaDiscoveryIntervalSecs: 1 }));
  const peers: TestPeer[] = [first];
  first.network.join(service);
  while (peers.length < operators) {
    const peer = stack.use(await startTestPeer({ bootstrapNodes: [first.address], kademliaDiscoveryIntervalSecs: 1 }));
    peer.network.join(service);
    peers.push(peer);
  }
  await allMeet(peers, topic);
  const mebibytesPerNode = round((memory() - before) / operators / 2 ** 20);

  const [arrival, everywhere] = [new Times(), new Times()];
  for (let message = 0; message < WARM_UP + messages; message++) {
    if (message === WARM_UP) {
      arrival.startRound();
      everywhere.startRound();
    }
    const sender = peers[message % operators] ?? first;
    const bytes = new Uint8Array(MESSAGE_BYTES);
    bytes.set(utf8Bytes(`message ${message} `));
    const others = peers.filter((peer) => peer !== sender);
    const waits = others.map((peer) => nextArrival(peer));
    const sentMs = performance.now();
    await sender.network.publish(service, bytes);
    const arrivals = await Promise.all(waits);
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
    mebibytesPerNode,
  };
}

/** Every one of them shares this host, and a host may open only so many connections a second: it takes its time. */
async function allMeet(peers: readonly TestPeer[], topic: string): Promise<void> {
  const deadlineMs = performance.now() + MEETING_TIMEOUT_MS;
  const isMet = ({ network }: TestPeer) => network.status().topics.get(topic) === peers.length - 1;
  while (!peers.every(isMet)) {
    if (performance.now() > deadlineMs) {
      throw new Error(`only ${peers.filter(isMet).length} of ${peers.length} operators hear all others`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function nextArrival(peer: TestPeer): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  peer.onReceived = () => resolve(performance.now());
  return promise;
}

function memory(): number {
  return Deno.memoryUsage().rss;
}
