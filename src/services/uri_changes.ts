import { backoffMs, type Context } from "@/context/mod.ts";
import { isWavsError, serializeError, type ServiceManager } from "@/domain/mod.ts";
import type { Journal, UriChangeRow } from "@/journal/mod.ts";
import { MAX_URI_CHANGE_ATTEMPTS, STARTUP_CHECKS, URI_CHANGE_BACKOFF } from "./limits.ts";
import type { Services } from "./registry.ts";

export interface UriFollowerModules {
  readonly context: Context;
  readonly journal: Journal;
  readonly services: Services;
  readonly serviceUri: (manager: ServiceManager) => Promise<string>;
}

/** Takes over the service URIs that managers announce on chain, in their order, until each is applied or refused. */
export class UriFollower implements AsyncDisposable {
  readonly #modules: UriFollowerModules;
  readonly #stopObserving: () => void;
  readonly #closed = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(modules: UriFollowerModules) {
    this.#modules = modules;
    this.#stopObserving = modules.journal.observe((change) => {
      if (change.subject === "uri_change") this.wake();
    });
    this.wake();
  }

  wake(): void {
    this.#running = this.#running.then(() => this.#run()).catch((error) => {
      this.#modules.context.log.error("Service URIs cannot be followed", { cause: serializeError(error) });
      // What could not be recorded, on a full disk for example, is still to be done.
      this.#wakeAfter(URI_CHANGE_BACKOFF.baseMs);
    });
  }

  /**
   * Reads every manager's URI anew, for what changed while this node was not running and no log told of. A manager
   * that does not answer, or never had a URI, leaves the stored definition in place (spec/wire.md 6.7).
   */
  async checkAll(): Promise<void> {
    const { services, serviceUri, context } = this.#modules;
    const waiting = [...services.list()];
    const check = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        try {
          const uri = await serviceUri(next.service.manager);
          if (uri !== "") await services.change(next.serviceId, { uri, since: undefined });
        } catch (error) {
          const cause = serializeError(error);
          context.log.warn("Cannot read the service anew, the stored definition stays", {
            service: next.serviceId,
            cause,
          });
        }
      }
    };
    await Promise.all(Array.from({ length: STARTUP_CHECKS }, check));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopObserving();
    this.#closed.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { journal, context } = this.#modules;
    for (const change of journal.uriChanges.due(context.clock.now())) {
      if (this.#closed.signal.aborted) return;
      await this.#apply(change);
    }
    this.#wakeWhenDue();
  }

  async #apply(change: UriChangeRow): Promise<void> {
    const { journal, services, context } = this.#modules;
    const fields = { service: change.serviceId, uri: change.uri };
    try {
      const since = { chain: change.chain, blockNumber: change.blockNumber };
      const result = await services.change(change.serviceId, { uri: change.uri, since });
      context.log.info("Service URI taken over", { ...fields, result });
      journal.uriChanges.end(change.id, "applied");
    } catch (error) {
      const cause = serializeError(error);
      if (!isWavsError(error) || (!error.retryable && change.attempts + 1 >= MAX_URI_CHANGE_ATTEMPTS)) {
        context.log.error("Service URI refused, the stored definition stays", { ...fields, cause });
        journal.uriChanges.end(change.id, "refused", cause.message);
        return;
      }
      const delayMs = backoffMs(URI_CHANGE_BACKOFF, change.attempts + 1, context.random);
      context.log.warn("Service URI cannot be taken over yet", { ...fields, cause, delayMs });
      journal.uriChanges.retry(change.id, cause.message, context.clock.now() + delayMs);
    }
  }

  #wakeWhenDue(): void {
    const { journal, context } = this.#modules;
    const now = context.clock.now();
    const dueAt = journal.uriChanges.nextDueAt(now);
    if (dueAt !== undefined) this.#wakeAfter(dueAt - now);
  }

  #wakeAfter(delayMs: number): void {
    const { signal } = this.#closed;
    void this.#modules.context.clock.sleep(delayMs, signal).then(() => {
      if (!signal.aborted) this.wake();
    });
  }
}
