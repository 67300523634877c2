import { createEvmClient, type EvmClient } from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import { type ChainConfig, type ChainKey, describeError, type EvmChainConfig, highest } from "@/domain/mod.ts";
import { chainKindUnsupported, chainUnknown } from "./errors.ts";
import type { RegistryMirror } from "./registry.ts";
import { requireHttpEndpoint } from "./service_uri.ts";
import type { PayingAccount } from "./types.ts";
import type { CreateSubmitter, SendingAccount, Submitter } from "./submitter.ts";

export interface ChainsModules {
  readonly context: Context;
  readonly registry: RegistryMirror;
  readonly createSubmitter: CreateSubmitter;
  readonly account: (chain: ChainKey) => Promise<SendingAccount>;
}

/** What is open towards one chain; made at first use. */
interface OpenChain {
  readonly config: EvmChainConfig;
  readonly client: EvmClient;
  submitter: Promise<Submitter> | undefined;
}

/** The connections to the configured chains, and their submitters. */
export class Chains implements AsyncDisposable {
  readonly #modules: ChainsModules;
  readonly #open = new Map<ChainKey, OpenChain>();

  constructor(modules: ChainsModules) {
    this.#modules = modules;
  }

  /** @throws WavsError `chain_unknown`, `chain_kind_unsupported`, `chain_endpoint_missing` */
  async client(key: ChainKey): Promise<EvmClient> {
    return (await this.#opened(key)).client;
  }

  /** A client that asks over HTTP alone; the caller disposes it. @throws WavsError like {@link client} */
  async httpClient(key: ChainKey): Promise<EvmClient> {
    const config = await this.#config(key);
    requireHttpEndpoint(config);
    return createEvmClient({ ...config, wsEndpoints: [], wsPriorityEndpointIndex: undefined }, this.#modules.context);
  }

  /** @throws WavsError like {@link client}, and `no_aggregator_credential` */
  async submitter(key: ChainKey): Promise<Submitter> {
    const chain = await this.#opened(key);
    chain.submitter ??= this.#createSubmitter(chain).catch((error: unknown) => {
      chain.submitter = undefined;
      throw error;
    });
    return chain.submitter;
  }

  /** Those something was submitted to. */
  async accounts(): Promise<readonly PayingAccount[]> {
    const states = await Promise.all([...this.#open.values()].map((chain) => this.#account(chain)));
    return states.filter((state) => state !== undefined);
  }

  /** Closes what is open towards chains that are gone or described otherwise now. */
  follow(configs: readonly ChainConfig[]): void {
    const current = new Map(configs.map((config) => [config.key, JSON.stringify(config)]));
    for (const [key, chain] of this.#open) {
      if (current.get(key) === JSON.stringify(chain.config)) continue;
      this.#open.delete(key);
      void this.#close(chain);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const chains = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(chains.map((chain) => this.#close(chain)));
  }

  async #opened(key: ChainKey): Promise<OpenChain> {
    const config = await this.#config(key);
    const open = this.#open.get(key);
    if (open !== undefined) return open;
    const chain = { config, client: createEvmClient(config, this.#modules.context), submitter: undefined };
    this.#open.set(key, chain);
    return chain;
  }

  async #config(key: ChainKey): Promise<EvmChainConfig> {
    const { registry } = this.#modules;
    const find = (chains: readonly ChainConfig[]) => chains.find((chain) => chain.key === key);
    // The broadcast that announced the chain may have been missed.
    const config = find((await registry.current()).chains) ?? find((await registry.refresh()).chains);
    if (config === undefined) throw chainUnknown(key);
    if (config.kind !== "evm") throw chainKindUnsupported(key);
    return config;
  }

  async #createSubmitter({ config, client }: OpenChain): Promise<Submitter> {
    const account = await this.#modules.account(config.key);
    const options = { chain: config.key, chainId: Number(config.chainId) };
    return this.#modules.createSubmitter(options, { rpc: client, account, context: this.#modules.context });
  }

  async #account({ config, submitter }: OpenChain): Promise<PayingAccount | undefined> {
    try {
      const state = await (await submitter)?.account();
      if (state === undefined) return undefined;
      const { balanceWei, latestCostWei } = state;
      return { chain: config.key, balanceWei, transactionsLeft: Number(balanceWei / highest(latestCostWei, 1n)) };
    } catch (error) {
      this.#modules.context.log.debug("Cannot read a balance", { chain: config.key, reason: describeError(error) });
      return undefined;
    }
  }

  async #close(chain: OpenChain): Promise<void> {
    try {
      await chain.client[Symbol.asyncDispose]();
    } catch (error) {
      this.#modules.context.log.debug("Cannot close a chain", { reason: describeError(error) });
    }
  }
}
