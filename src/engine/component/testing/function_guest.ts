import { ALLOCATOR, buildGuest } from "@tests/support/wat_guests.ts";
import type { WitFunction } from "./signature_types.ts";
import type { GuestEncoding } from "./round_trip.ts";
import { THINGS_WIT } from "./thing.ts";
import { flatParams, layoutOfType, witText, type WitType } from "./wit_types.ts";

/** Where a guest has the host put a result that does not fit a core value. */
const RESULT_AT = 8192;

/**
 * A guest that imports the functions as `call0`, `call1`, … of {@link FUNCTIONS}, exports them under the same names and hands
 * arguments and results through unread. Borrowed handles are dropped after the call.
 */
export function functionGuest(functions: readonly WitFunction[], stringEncoding: GuestEncoding): Promise<Uint8Array> {
  const declarations = new Map<string, string>();
  const lines = functions.map(({ params, result }, i) => {
    const listed = params.map(({ name, type }) => `%${name}: ${witText(type, declarations)}`).join(", ");
    return `call${i}: func(${listed})${result === undefined ? "" : ` -> ${witText(result, declarations)}`};`;
  });
  const wit = `package test:abi;
    ${THINGS_WIT}
    interface functions {
      use things.{thing};
      ${[...declarations.values()].join("\n")}
      ${lines.join("\n")}
    }
    world guest {
      import functions;
      use functions.{${["thing", ...declarations.keys()].join(", ")}};
      ${lines.map((line) => `export ${line}`).join("\n")}
    }`;
  const wat = `(module
    ${functions.map(importText).join("\n")}
    (import "test:abi/things" "[resource-drop]thing" (func $drop (param i32)))
    ${ALLOCATOR}
    ${functions.map(exportText).join("\n")})`;
  return buildGuest({ wat, wit, world: "guest", stringEncoding });
}

/** The interface they are imported from. */
export const FUNCTIONS = "test:abi/functions";

function importText({ params, result }: WitFunction, index: number): string {
  const flat = flatParams(...params.map(({ type }) => type));
  const results = result === undefined ? [] : layoutOfType(result).flat;
  const [given, returned] = results.length > 1 ? [[...flat, "i32"], []] : [flat, results];
  return `(import "${FUNCTIONS}" "call${index}" (func $f${index} (param ${given.join(" ")}) (result ${
    returned.join(" ")
  })))`;
}

function exportText({ params, result }: WitFunction, index: number): string {
  const types = params.map(({ type }) => type);
  const flat = flatParams(...types);
  const results = result === undefined ? [] : layoutOfType(result).flat;
  const isInMemory = results.length > 1;
  const returned = isInMemory ? ["i32"] : results;
  const given = flat.map((_, i) => `(local.get ${i})`).join(" ");
  const call = isInMemory
    ? `(call $f${index} ${given} (i32.const ${RESULT_AT})) (i32.const ${RESULT_AT})`
    : `(call $f${index} ${given})`;
  return `(func (export "call${index}") (param ${flat.join(" ")}) (result ${returned.join(" ")}) (local $i i32)
    ${call} ${dropBorrows(types)})`;
}

/** Instructions that drop what was lent: parameters, and the items of lists that are. */
function dropBorrows(types: readonly WitType[]): string {
  let at = 0;
  return types.map((type) => {
    const first = at;
    at += flatParams(type).length;
    if (type.kind === "borrow") return `(call $drop (local.get ${first}))`;
    if (type.kind !== "list" || type.of.kind !== "borrow") return "";
    return `(local.set $i (local.get ${first + 1}))
      (block $done (loop $item
        (br_if $done (i32.eqz (local.get $i)))
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (call $drop (i32.load (i32.add (local.get ${first}) (i32.shl (local.get $i) (i32.const 2)))))
        (br $item)))`;
  }).join(" ");
}
