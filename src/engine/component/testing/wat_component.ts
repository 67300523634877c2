import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { systemClock } from "@/context/mod.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { LinkedComponent } from "../direct/linked_component.ts";
import { createDirectRuntime } from "../direct/runtime.ts";
import type { ComponentInstance, HostInterface, InstanceLimits } from "../types.ts";
import { ownWorld } from "./own_world.ts";

export interface WatSetup {
  /** Functions of the interface `host`. */
  readonly host?: HostInterface;
  readonly asyncImports?: readonly string[];
  readonly limits?: Partial<InstanceLimits>;
  readonly fuel?: bigint;
  readonly timeoutMs?: number;
  /** The service it runs for; all executions belong to the same one unless said otherwise. */
  readonly owner?: string;
}

/** A component in text form, linked by the direct runtime for a world that is exactly what it has. */
export class WatComponent {
  readonly linked: LinkedComponent;
  readonly #setup: WatSetup;

  private constructor(linked: LinkedComponent, setup: WatSetup) {
    this.linked = linked;
    this.#setup = setup;
  }

  static async load(wat: string, setup: WatSetup = {}): Promise<WatComponent> {
    return await WatComponent.loadBytes(await parse(`(component ${wat})`), setup);
  }

  static async loadBytes(bytes: Uint8Array, setup: WatSetup = {}): Promise<WatComponent> {
    const runtime = createDirectRuntime();
    const artifact = await runtime.prepare(bytes, { asyncImports: new Set(setup.asyncImports ?? []) });
    const linked = await runtime.link(artifact, { world: ownWorld(artifact.surface), grants: { http: false } });
    if (!(linked instanceof LinkedComponent)) throw new TypeError("the direct runtime links its own kind");
    return new WatComponent(linked, setup);
  }

  async instantiate(setup: WatSetup = {}): Promise<{ instance: ComponentInstance; budget: Budget }> {
    const { host = {}, limits = {}, fuel = 10_000_000n, timeoutMs = 5000, owner = "service" } = {
      ...this.#setup,
      ...setup,
    };
    const budget = new Budget({ fuel, timeoutMs }, { clock: systemClock });
    const instance = await createDirectRuntime().instantiate(this.linked, { imports: { host }, budget, limits, owner });
    return { instance, budget };
  }
}

/** A fresh instance of a component in text form. */
export async function instantiateWat(wat: string, setup: WatSetup = {}): Promise<ComponentInstance> {
  return (await (await WatComponent.load(wat, setup)).instantiate()).instance;
}
