import { backoffMs, type Context } from "@/context/mod.ts";
import { describeError, type RegistrySnapshot, type ServiceId } from "@/domain/mod.ts";
import type { Handlers, Remote } from "@/link/mod.ts";
import { startLibp2pNetwork } from "./libp2p/network.ts";
import { REGISTRY_BACKOFF } from "./limits.ts";
import type { P2pApi, P2pBoot, P2pMain, PeerNetwork } from "./types.ts";

export interface RunnerModules {
  readonly context: Context;
  readonly main: () => Remote<P2pMain>;
}

/** Runs the network in its worker: takes part in every service of the registry, and in no other. */
export class P2pRunner implements AsyncDisposable {
  readonly handlers: Handlers<P2pApi>;
  readonly #modules: RunnerModules;
  readonly #network: PeerNetwork;
  readonly #channel: BroadcastChannel;
  #revision = -1;
  readonly #joined = new Set<ServiceId>();

  private constructor({ registryChannel }: P2pBoot, modules: RunnerModules, network: PeerNetwork) {
    this.#modules = modules;
    this.#network = network;
    this.#channel = new BroadcastChannel(registryChannel);
    this.#channel.onmessage = ({ data }: MessageEvent<RegistrySnapshot>) => this.#apply(data);
    this.handlers = {
      publish: ({ serviceId, bytes }) => network.publish(serviceId, bytes),
      announce: ({ serviceId, landing }) => network.announce(serviceId, landing),
      settled: (revision) => this.#settle(revision),
      status: () => network.status(),
    };
  }

  /** @throws WavsError `p2p_listen_failed` */
  static async open(boot: P2pBoot, modules: RunnerModules): Promise<P2pRunner> {
    const { context, main } = modules;
    const network = await startLibp2pNetwork(boot, {
      context,
      handlers: {
        received: (message) => main().received(message, { signal: context.signal, transfer: [message.bytes.buffer] }),
        landed: (landing) => main().landed(landing, { signal: context.signal }),
        submissions: (query) => main().submissions(query, { signal: context.signal }),
      },
    });
    return new P2pRunner(boot, modules, network);
  }

  /** Takes over the registry as main has it now; what changes later is announced. */
  async start(): Promise<void> {
    const { clock, log, random, signal } = this.#modules.context;
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        return this.#apply(await this.#modules.main().registry(undefined, { signal }));
      } catch (error) {
        log.warn("Registry not read yet", { error: describeError(error), attempt });
        await clock.sleep(backoffMs(REGISTRY_BACKOFF, attempt, random), signal);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#channel.close();
    await this.#network[Symbol.asyncDispose]();
  }

  /** Announcements may be lost while the worker starts, so whoever waits for one that did not come has it fetched. */
  async #settle(revision: number): Promise<void> {
    if (this.#revision < revision) this.#apply(await this.#modules.main().registry(undefined));
  }

  #apply({ revision, services }: RegistrySnapshot): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    const registered = new Set(services.map(({ serviceId }) => serviceId));
    for (const serviceId of this.#joined.difference(registered)) this.#network.leave(serviceId);
    for (const serviceId of registered.difference(this.#joined)) this.#network.join(serviceId);
    this.#joined.clear();
    for (const serviceId of registered) this.#joined.add(serviceId);
  }
}
