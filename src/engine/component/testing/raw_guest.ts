import fc from "fast-check";
import { ALLOCATOR, buildGuest } from "@tests/support/wat_guests.ts";
import type { FlatType } from "../plan/types.ts";
import type { GuestEncoding } from "./round_trip.ts";
import { THINGS_WIT } from "./thing.ts";
import { flatParams, layoutOfType, witText, type WitType } from "./wit_types.ts";

/** Where the guest lays out the bytes it is given; any value may stand there. */
const RAW_AT = 8192;
/** Bytes beside a value, which send it through memory. */
const RAW_PADDING_BYTES = 16;

const WIT_OF: Readonly<Record<FlatType, string>> = { i32: "u32", i64: "u64", f32: "f32", f64: "f64" };

/**
 * A guest that passes off whatever it is given as a value of `type`: `load` returns the bytes it is given as a tuple of
 * the value and padding, `call` hands core values to the import `sink`.
 */
export function rawGuest(type: WitType, stringEncoding: GuestEncoding): Promise<Uint8Array> {
  const declarations = new Map<string, string>();
  const text = witText(type, declarations);
  const flat = flatParams(type);
  const wit = `package test:abi;
    ${THINGS_WIT}
    interface types {
      use things.{thing};
      ${[...declarations.values()].join("\n")}
      type value = ${text};
      type padded = tuple<value, u64, u64>;
    }
    world guest {
      use types.{value, padded};
      import host: interface {
        use types.{value};
        sink: func(v: value);
      }
      export load: func(raw: list<u8>) -> padded;
      export call: func(${flat.map((each, i) => `v${i}: ${WIT_OF[each]}`).join(", ")});
    }`;
  const wat = `(module
    (import "host" "sink" (func $sink (param ${flat.join(" ")})))
    ${ALLOCATOR}
    (data (i32.const 256) "a\\00b\\00\\e9\\00\\ff\\c3\\a9")
    (func (export "call") (param ${flat.join(" ")}) (call $sink ${flat.map((_, i) => `(local.get ${i})`).join(" ")}))
    (func (export "load") (param $start i32) (param $length i32) (result i32)
      (memory.copy (i32.const ${RAW_AT}) (local.get $start) (local.get $length))
      (i32.const ${RAW_AT})))`;
  return buildGuest({ wat, wit, world: "guest", stringEncoding });
}

/** Numbers that often enough are a discriminant, a length or a pointer, and now and then are nothing of the kind. */
function words(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 14, arbitrary: fc.integer({ min: 0, max: 4 }) },
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0xd700, max: 0xe100 }) },
    { weight: 1, arbitrary: fc.integer({ min: 2 ** 31, max: 2 ** 32 - 1 }) },
  );
}

/** Bytes for `load`. */
export function rawBytes(type: WitType): fc.Arbitrary<Uint8Array> {
  const length = Math.ceil((layoutOfType(type).bytes + RAW_PADDING_BYTES) / 4);
  const inWords = fc.array(words(), { minLength: length, maxLength: length })
    .map((values) => new Uint8Array(Uint32Array.from(values).buffer));
  const inBytes = fc.array(fc.oneof(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 255 })), {
    minLength: length * 4,
    maxLength: length * 4,
  }).map((values) => Uint8Array.from(values));
  return hasList(type) ? inWords : fc.oneof(inWords, inBytes);
}

/** Core values for `call`. */
export function rawCoreValues(type: WitType): fc.Arbitrary<readonly unknown[]> {
  const values: Readonly<Record<FlatType, fc.Arbitrary<unknown>>> = {
    i32: words(),
    // Not longer, for jco keeps the bits above an integer that shares its place with a longer one.
    i64: fc.integer({ min: 0, max: 300 }).map(BigInt),
    f32: fc.oneof(words().map(Math.fround), fc.float()),
    f64: fc.oneof(words(), fc.double()),
  };
  return fc.tuple(...flatParams(type).map((each) => values[each]));
}

/** Random bytes would give lists of lists lengths that take minutes to read. */
function hasList(type: WitType): boolean {
  return layoutOfType(type).hasPointer;
}
