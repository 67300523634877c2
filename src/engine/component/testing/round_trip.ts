import { systemClock } from "@/context/mod.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { ALLOCATOR, buildGuest } from "@tests/support/wat_guests.ts";
import type { ComponentInstance, ComponentRuntime } from "../types.ts";
import { linkForItself } from "./own_world.ts";
import { THING_IMPORTS, THINGS_WIT } from "./thing.ts";
import { flatParams, witText, type WitType } from "./wit_types.ts";

/** How a guest's strings are encoded, by the names the component tools give the encodings. */
export type GuestEncoding = "utf8" | "utf16" | "compact-utf16";

/** Enough numbers beside a value to send it through memory. */
export const PADDING = Array.from({ length: 17 }, (_, i) => i);

/**
 * A guest that takes a value of `type` and gives it back unread: `flat` hands its core parameters to the import
 * `sink`, `padded` returns the pointer it was given, `fetch` returns what the import `source` answered.
 */
export function roundTripGuest(type: WitType, stringEncoding: GuestEncoding): Promise<Uint8Array> {
  const declarations = new Map<string, string>();
  const text = witText(type, declarations);
  const wit = `package test:abi;
    ${THINGS_WIT}
    interface types {
      use things.{thing};
      ${[...declarations.values()].join("\n")}
      type value = ${text};
      type padded = tuple<tuple<${PADDING.map(() => "u8").join(", ")}>, value>;
    }
    world guest {
      use types.{value, padded};
      import host: interface {
        use types.{value, padded};
        sink: func(v: value);
        source: func() -> padded;
      }
      export flat: func(v: value);
      export padded: func(v: padded) -> padded;
      export fetch: func() -> padded;
    }`;
  const flat = flatParams(type);
  const wat = `(module
    (import "host" "sink" (func $sink (param ${flat.join(" ")})))
    (import "host" "source" (func $source (param i32)))
    ${ALLOCATOR}
    (func (export "flat") (param ${flat.join(" ")})
      (call $sink ${flat.map((_, i) => `(local.get ${i})`).join(" ")}))
    (func (export "padded") (param i32) (result i32) (local.get 0))
    (func (export "fetch") (result i32) (call $source (i32.const 8192)) (i32.const 8192)))`;
  return buildGuest({ wat, wit, world: "guest", stringEncoding });
}

/** Makes instances of a round-trip guest and sends values through them. */
export class RoundTrip {
  #received: unknown;
  #sent: unknown;
  readonly #instantiate: () => Promise<ComponentInstance>;

  private constructor(instantiate: (imports: Record<string, Record<string, unknown>>) => Promise<ComponentInstance>) {
    const sink = (value: unknown) => {
      this.#received = value;
    };
    this.#instantiate = () => instantiate({ ...THING_IMPORTS, host: { sink, source: () => this.#sent } });
  }

  static async load(runtime: ComponentRuntime, bytes: Uint8Array): Promise<RoundTrip> {
    const component = await linkForItself(runtime, bytes);
    return new RoundTrip((imports) => {
      const budget = new Budget({ fuel: 10n ** 9n, timeoutMs: 10_000 }, { clock: systemClock });
      return runtime.instantiate(component, { imports, budget });
    });
  }

  /** The value after each of the three ways through the guest. */
  async send(value: unknown): Promise<{ flat: unknown; memory: unknown; fetched: unknown }> {
    this.#sent = [PADDING, value];
    const instance = await this.#instantiate();
    await instance.call("flat", [value]);
    const flat = this.#received;
    return { flat, memory: await instance.call("padded", [this.#sent]), fetched: await instance.call("fetch", []) };
  }
}
