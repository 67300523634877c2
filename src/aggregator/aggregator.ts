import type { Context } from "@/context/mod.ts";
import { type ChainKey, type EvmAddress, type ServiceManager, WavsError } from "@/domain/mod.ts";
import type { Handlers, Remote } from "@/link/mod.ts";
import { Chains } from "./chains.ts";
import { asPassing, chainKindUnsupported } from "./errors.ts";
import { checkChains } from "./health.ts";
import { signersOf } from "./quorum.ts";
import { RegistryMirror } from "./registry.ts";
import { readServiceUri } from "./service_uri.ts";
import { readStanding } from "./standing.ts";
import { readSignerWeight } from "./signer_weight.ts";
import type { CreateSubmitter, SendingAccount } from "./submitter.ts";
import type {
  AggregatorApi,
  AggregatorBoot,
  AggregatorMain,
  LandingAnnouncement,
  QuorumOutcome,
  SignerWeightRequest,
  SubmitOutcome,
  SubmitRequest,
  ValidateRequest,
} from "./types.ts";
import { validate } from "./validate.ts";

export interface AggregatorModules {
  readonly context: Context;
  /** Main, from the first call on. */
  readonly main: () => Remote<AggregatorMain>;
  readonly createSubmitter: CreateSubmitter;
}

/** An aggregator in the caller's own thread; production runs it in its worker (`startAggregator`). */
export interface Aggregator extends AsyncDisposable {
  readonly handlers: Handlers<AggregatorApi>;
}

/** Reads and writes the configured chains on behalf of main. */
export function createAggregator(options: AggregatorBoot, modules: AggregatorModules): Aggregator {
  const { context, main } = modules;
  const registry = new RegistryMirror(
    options.registryChannel,
    () => main().registry(undefined),
    (snapshot) => chains.follow(snapshot.chains),
  );
  const account = (chain: ChainKey) => openAccount(main(), chain);
  const chains: Chains = new Chains({ context, registry, createSubmitter: modules.createSubmitter, account });
  return {
    handlers: {
      serviceUri: (manager) => serviceUri(chains, manager),
      validate: (request) => validateRequest(chains, request),
      signerWeight: (request) => signerWeight(chains, request),
      submit: (request) => submit(chains, request),
      announced: (announcement) => announced(chains, announcement),
      standing: async ({ chain, blocks }) => await readStanding(await chains.client(chain), blocks).catch(throwPassing),
      accounts: () => chains.accounts(),
      chainHealth: async () => checkChains((await registry.current()).chains, context),
      settled: (revision) => registry.atLeast(revision),
    },
    async [Symbol.asyncDispose]() {
      registry[Symbol.dispose]();
      await chains[Symbol.asyncDispose]();
    },
  };
}

async function serviceUri(chains: Chains, manager: ServiceManager): Promise<string> {
  const address = evmAddressOf(manager);
  await using client = await chains.httpClient(manager.chain);
  return await readServiceUri(client, address).catch(throwPassing);
}

async function validateRequest(chains: Chains, request: ValidateRequest): Promise<QuorumOutcome> {
  const { manager, envelope, signatures } = request;
  const validation = { manager: evmAddressOf(manager), envelope, signers: signersOf(envelope, signatures) };
  return await validate(await chains.client(manager.chain), validation).catch(throwPassing);
}

async function signerWeight(chains: Chains, { manager, signer }: SignerWeightRequest): Promise<bigint> {
  const address = evmAddressOf(manager);
  return await readSignerWeight(await chains.client(manager.chain), address, signer).catch(throwPassing);
}

async function submit(chains: Chains, request: SubmitRequest): Promise<SubmitOutcome> {
  const { actionId, target, envelope, signatures, turn, earlier } = request;
  const handler = evmAddressOf(target);
  const submitter = await chains.submitter(target.chain);
  const { gasPrice } = target;
  return await submitter.submit({
    actionId,
    handler,
    envelope,
    signers: signersOf(envelope, signatures),
    gasPrice,
    turn,
    earlier,
  }).catch(throwPassing);
}

async function announced(chains: Chains, { chain, txHash, operator, ...call }: LandingAnnouncement): Promise<void> {
  (await chains.submitter(chain)).announced(call, txHash, operator);
}

async function openAccount(main: Remote<AggregatorMain>, chain: ChainKey): Promise<SendingAccount> {
  const address = await main.transactionAddress(undefined);
  if (address === undefined) throw noAggregatorCredential(chain);
  return {
    address,
    sign: (transaction) => main.signTransaction(transaction),
    record: (row) => main.recordTransaction(row),
    lastNonce: () => main.lastNonce({ chain, from: address }),
  };
}

/** Managers and handlers of both kinds of chain have the same shape. */
function evmAddressOf(
  contract: { kind: "evm"; address: EvmAddress } | { kind: "cosmos"; chain: ChainKey },
): EvmAddress {
  switch (contract.kind) {
    case "evm":
      return contract.address;
    case "cosmos":
      throw chainKindUnsupported(contract.chain);
  }
}

function throwPassing(error: unknown): never {
  throw asPassing(error);
}

function noAggregatorCredential(chain: ChainKey): WavsError {
  return new WavsError("no_aggregator_credential", {
    message: `Cannot submit on chain "${chain}" because "aggregator_evm_credential" is not set`,
    retryable: false,
    meta: { chain },
  });
}
