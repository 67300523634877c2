import { numberToHex } from "viem";
import { type AggregatorApi, type AggregatorMain, createAggregator, startAggregator } from "@/aggregator/mod.ts";
import { type Clock, type Context, createContext, type Logger, systemClock } from "@/context/mod.ts";
import {
  type ChainConfig,
  type ChainKey,
  chainKeyOf,
  type Envelope,
  type EvmChainConfig,
  newRegistryChannel,
  parseEventId,
  parseEventOrder,
  parseEvmAddress,
  REFERENCE_READING,
  type ServiceManager,
  type SubmitTarget,
  type TransactionRow,
  type WavsSignature,
} from "@/domain/mod.ts";
import { type Handlers, openLink, type Remote } from "@/link/mod.ts";
import { createSigner, type SignerApi } from "@/signer/mod.ts";
import { createEvmSubmitter } from "@/submission/mod.ts";
import type { Anvil } from "./anvil.ts";
import { privateKeyOf, SENDER_INDEX, TEST_MNEMONIC, testAccount } from "./contracts.ts";

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };
/** Time passes ten times as fast, for tests that outwait limits of seconds. */
const HURRIED_CLOCK: Clock = {
  now: () => systemClock.now() * 10,
  monotonic: () => systemClock.monotonic() * 10,
  sleep: (ms, signal) => systemClock.sleep(ms / 10, signal),
};

const SILENT_CONTEXT = createContext({ log: SILENT, signal: new AbortController().signal });

/** How an aggregator runs; its contract is the same in both. */
export type AggregatorCarrier = "in-thread" | "worker";

export interface AggregatorHarnessOptions {
  readonly chains: readonly ChainConfig[];
  readonly carrier?: AggregatorCarrier;
  /** The chains the worker may connect to; default all. */
  readonly permitted?: readonly ChainConfig[];
  /** Lets time pass ten times as fast; in-thread only. */
  readonly hurried?: boolean;
  /** Transactions recorded by an earlier run. */
  readonly rows?: TransactionRow[];
  /** Called once a row is committed, before its transaction is broadcast; what it throws is a crash at that point. */
  readonly afterRecord?: (row: TransactionRow) => void;
  /** The key transactions are signed with; `null` for none. */
  readonly credential?: string | null;
}

/** An aggregator with a main that keeps the journal in memory. */
export interface AggregatorHarness extends AsyncDisposable {
  readonly api: Remote<AggregatorApi>;
  /** What was recorded, oldest first. */
  readonly rows: TransactionRow[];
  rowsOf(actionId: number): TransactionRow[];
}

export async function startAggregatorHarness(options: AggregatorHarnessOptions): Promise<AggregatorHarness> {
  const rows = options.rows ?? [];
  const handlers = mainHandlers(options, rows);
  const { api, close } = options.carrier === "worker"
    ? await openWorker(options.permitted ?? options.chains, handlers)
    : await openInThread(handlers, options.hurried ? { ...SILENT_CONTEXT, clock: HURRIED_CLOCK } : SILENT_CONTEXT);
  return {
    api,
    rows,
    rowsOf: (actionId) => rows.filter((row) => row.actionId === actionId),
    [Symbol.asyncDispose]: close,
  };
}

async function openWorker(permitted: readonly ChainConfig[], handlers: Handlers<AggregatorMain>) {
  const modules = { context: SILENT_CONTEXT, handlers };
  const registryChannel = newRegistryChannel();
  const worker = await startAggregator({ logLevel: "error", registryChannel, chains: () => permitted }, modules);
  return { api: worker.api, close: () => Promise.resolve(worker.close()) };
}

/** Over a real link, so that what cannot be copied between isolates fails here as well. */
async function openInThread(handlers: Handlers<AggregatorMain>, context: Context) {
  const stopping = new AbortController();
  const { port1, port2 } = new MessageChannel();
  const aggregator = createAggregator({ registryChannel: newRegistryChannel() }, {
    context: { ...context, signal: stopping.signal },
    main: () => inner.remote,
    createSubmitter: createEvmSubmitter,
  });
  const inner = openLink<AggregatorMain, AggregatorApi>({ name: "aggregator → main", credit: 512 }, {
    port: port2,
    handlers: aggregator.handlers,
  });
  const outer = openLink<AggregatorApi, AggregatorMain>({ name: "main → aggregator" }, { port: port1, handlers });
  await outer.ready;
  const close = async () => {
    stopping.abort();
    outer.close();
    inner.close();
    await aggregator[Symbol.asyncDispose]();
  };
  return { api: outer.remote, close };
}

function mainHandlers(options: AggregatorHarnessOptions, rows: TransactionRow[]): Handlers<AggregatorMain> {
  const { chains, afterRecord, credential = privateKeyOf(testAccount(SENDER_INDEX)) } = options;
  const signer = testSigner(credential ?? undefined);
  return {
    registry: () => ({ revision: 1, services: [], chains }),
    transactionAddress: (argument, call) => signer.transactionAddress(argument, call),
    signTransaction: (transaction, call) => signer.signTransaction(transaction, call),
    recordTransaction: (row) => {
      rows.push(row);
      afterRecord?.(row);
    },
    lastNonce: ({ chain, from }) => {
      const nonces = rows.filter((row) => row.chain === chain && row.from === from).map(({ nonce }) => nonce);
      return nonces.length === 0 ? undefined : Math.max(...nonces);
    },
  };
}

function testSigner(credential: string | undefined): Handlers<SignerApi> {
  return createSigner({ signingMnemonic: TEST_MNEMONIC, aggregatorEvmCredential: credential });
}

/** The configuration that reaches `anvil` over HTTP. */
export function chainConfigOf(anvil: Pick<Anvil, "chainId" | "httpUrl">): EvmChainConfig {
  return {
    kind: "evm",
    key: chainKeyOf("evm", String(anvil.chainId)),
    chainId: String(anvil.chainId),
    wsEndpoints: [],
    httpEndpoint: anvil.httpUrl,
    faucetEndpoint: undefined,
    wsPriorityEndpointIndex: undefined,
    reading: REFERENCE_READING,
  };
}

/** An unordered envelope for event number `event` with that number as payload. */
export function testEnvelope(event: number): Envelope {
  return {
    eventId: parseEventId(numberToHex(event, { size: 20 })),
    ordering: parseEventOrder("00".repeat(12)),
    payload: new TextEncoder().encode(`event ${event}`),
  };
}

/** Signs for the operators of the tests; made once, since what a mnemonic stands for takes 14 ms to find out. */
let operators: Handlers<SignerApi> | undefined;

/** The signatures of the operators with these keys. */
export async function signTestEnvelope(envelope: Envelope, hdIndexes: readonly number[]): Promise<WavsSignature[]> {
  const signer = operators ??= testSigner(undefined);
  const call = { signal: new AbortController().signal };
  const kind = { algorithm: "secp256k1", prefix: "eip191" } as const;
  return await Promise.all(hdIndexes.map(async (hdIndex) => {
    const { signature } = await signer.signEnvelope({ hdIndex, envelope, kind }, call);
    return { data: signature, kind };
  }));
}

export function managerAt(chain: ChainKey, address: string): ServiceManager {
  return { kind: "evm", chain, address: parseEvmAddress(address) };
}

export function targetAt(chain: ChainKey, address: string, gasPrice?: bigint): SubmitTarget {
  return { kind: "evm", chain, address: parseEvmAddress(address), gasPrice };
}
