import type { SignerWeightRequest } from "@/aggregator/types.ts";
import type { Clock } from "@/context/mod.ts";
import type { EvmAddress, ServiceManager } from "@/domain/mod.ts";
import { ExpiringMap } from "./expiring.ts";
import { MAX_UNREGISTERED, MAX_WEIGHTS, UNREGISTERED_TTL_MS, WEIGHT_TTL_MS } from "./limits.ts";

export interface SignerWeightsModules {
  readonly clock: Clock;
  /** Asks the chain. */
  readonly ask: (request: SignerWeightRequest) => Promise<bigint>;
}

/** What signing keys weigh with their service managers, asked once in a while. */
export class SignerWeights {
  readonly #ask: SignerWeightsModules["ask"];
  readonly #registered: ExpiringMap<bigint>;
  readonly #unregistered: ExpiringMap<true>;
  /** Questions under way, so that ten submissions of one new signer are one question. */
  readonly #asking = new Map<string, Promise<bigint>>();

  constructor({ clock, ask }: SignerWeightsModules) {
    this.#ask = ask;
    this.#registered = new ExpiringMap({ ttlMs: WEIGHT_TTL_MS, maxEntries: MAX_WEIGHTS }, clock);
    this.#unregistered = new ExpiringMap({ ttlMs: UNREGISTERED_TTL_MS, maxEntries: MAX_UNREGISTERED }, clock);
  }

  /** Zero for a key that belongs to no operator. @throws WavsError what the chain failed with; nothing is kept then */
  async of(manager: ServiceManager, signer: EvmAddress): Promise<bigint> {
    const key = keyOf(manager, signer);
    const known = this.#registered.get(key) ?? (this.#unregistered.get(key) ? 0n : undefined);
    if (known !== undefined) return known;
    const underWay = this.#asking.get(key);
    if (underWay !== undefined) return await underWay;
    const asking = this.#ask({ manager, signer });
    this.#asking.set(key, asking);
    try {
      const weight = await asking;
      if (weight > 0n) this.#registered.set(key, weight);
      else this.#unregistered.set(key, true);
      return weight;
    } finally {
      this.#asking.delete(key);
    }
  }

  /** The chain has just said otherwise: it is asked again the next time. */
  forget(manager: ServiceManager, signer: EvmAddress): void {
    this.#registered.delete(keyOf(manager, signer));
    this.#unregistered.delete(keyOf(manager, signer));
  }
}

function keyOf(manager: ServiceManager, signer: EvmAddress): string {
  return `${manager.chain} ${manager.address} ${signer}`;
}
