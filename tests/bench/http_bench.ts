import { systemClock } from "@/context/mod.ts";
import { openExchange } from "@/engine/egress/exchange.ts";
import { payloadsOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";
import { round, type Spread, Times } from "./rounds.ts";

/** What it costs that a guest's requests go through the egress worker. */
export interface HttpMeasurement {
  /** One request more in an execution: the guest's own work on it included. */
  readonly guestRequestUs: number;
  /** The same request by `fetch`, over a connection it keeps. */
  readonly fetchUs: number;
  /** What goes through the egress worker besides: the difference of the two. */
  readonly brokeredHttpUs: number;
  /** The same request as the egress worker makes it, in this isolate: over a connection of its own, checked. */
  readonly exchangeUs: number;
  /** What the way to another isolate and back adds to that. */
  readonly brokerUs: number;
  readonly guestExecutionSpreadUs: Spread;
  readonly fetchSpreadUs: Spread;
}

/** Requests of a long execution; a short one makes a single request, and the difference is what the others cost. */
const REQUESTS = 11;

export async function measureHttp(
  { rounds, executions }: { readonly rounds: number; readonly executions: number },
): Promise<HttpMeasurement> {
  await using server = await startServer();
  await using harness = await startEngine({ workers: 1 });
  const service = serviceOf({ operator: await harness.engine.upload(await scriptGuest("http")), http: true });
  const operation = ["drain", { authority: `127.0.0.1:${server.port}` }];
  const guest = async (requests: number) => {
    const script = JSON.stringify(Array.from({ length: requests }, () => operation));
    const answers = JSON.parse(payloadsOf(await runService(harness.engine, service, script))[0] ?? "[]") as unknown[];
    if (JSON.stringify(answers) !== JSON.stringify(Array.from({ length: requests }, () => ({ ok: ANSWER.length })))) {
      throw new Error(`the guest was answered ${JSON.stringify(answers)}`);
    }
  };
  const exchange = async () => {
    const request = { ...REQUEST, url: `http://127.0.0.1:${server.port}/` };
    const opened = openExchange(request, { allowPrivateNetworks: true }, { clock: systemClock });
    await opened.response();
    while (!opened.isAtEnd && await opened.read(MAX_CHUNK_BYTES) !== undefined);
    opened.cancel();
  };
  const direct = async () => void await (await fetch(`http://127.0.0.1:${server.port}/`)).arrayBuffer();
  const [short, long, straight, own] = [new Times(), new Times(), new Times(), new Times()];
  const times = Math.ceil(executions / REQUESTS);
  for (let i = 0; i < 2 * times; i++) {
    await guest(REQUESTS);
    await direct();
    await exchange();
  }
  for (let i = 0; i < rounds; i++) {
    for (const each of [short, long, straight, own]) each.startRound();
    for (let n = 0; n < times; n++) await short.measure(() => guest(1));
    for (let n = 0; n < times; n++) await long.measure(() => guest(REQUESTS));
    for (let n = 0; n < executions; n++) await straight.measure(direct);
    for (let n = 0; n < executions; n++) await own.measure(exchange);
  }
  const guestRequestUs = round((long.percentile(50) - short.percentile(50)) / (REQUESTS - 1));
  const fetchUs = straight.percentile(50);
  const exchangeUs = own.percentile(50);
  return {
    guestRequestUs,
    fetchUs,
    brokeredHttpUs: round(guestRequestUs - fetchUs),
    exchangeUs,
    brokerUs: round(guestRequestUs - exchangeUs),
    guestExecutionSpreadUs: long.spread,
    fetchSpreadUs: straight.spread,
  };
}

const MAX_CHUNK_BYTES = 64 * 1024;

const REQUEST = {
  method: "GET",
  headers: [],
  body: "none",
  timeouts: { connectMs: 10_000, firstByteMs: 10_000, betweenBytesMs: 10_000 },
} as const;

const ANSWER = "an answer of some words";

/** Serves from a process of its own, so that neither way shares a thread with it. */
async function startServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const source = `Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
    () => new Response("${ANSWER}"))`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["eval", source],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  return {
    port: Number(value),
    async [Symbol.asyncDispose]() {
      process.kill();
      await reader.cancel();
      await process.status;
    },
  };
}
