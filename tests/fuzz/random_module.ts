import type { Random } from "./random.ts";
import { RandomBody } from "./random_body.ts";
import { WasmWriter } from "./wasm_writer.ts";

const PREAMBLE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const I32 = 0x7f;
const I64 = 0x7e;
const FUNCREF = 0x70;
const LOCAL_TYPES = [I32, I64, 0x7d, 0x7c, 0x7b, FUNCREF, 0x6f];

/** What the functions of a random module can name. */
export interface RandomModuleShape {
  /** All of type `(i32) -> i32`; the first `importedFunctions` come from outside. */
  readonly functions: number;
  readonly importedFunctions: number;
  /** Mutable, i32. */
  readonly globals: number;
  /** Kinds of instructions the module does without, so that others are seen without them. */
  readonly without: ReadonlySet<"table" | "element" | "data">;
}

/** Type 0 is `(i32) -> i32`, type 1 is `() -> ()`; memory, table, passive segments are all there, numbered 0. */
export function randomModule(random: Random): Uint8Array<ArrayBuffer> {
  const writer = new WasmWriter(random);
  const importedFunctions = random.below(2);
  const defined = 1 + random.below(4);
  const shape = {
    functions: importedFunctions + defined,
    importedFunctions,
    globals: 1 + random.below(3),
    without: someKinds(random),
  };
  const hasStart = random.chance(4);
  return Uint8Array.from([
    ...PREAMBLE,
    ...writer.section(1, writer.vector([[0x60, ...writer.vector([[I32]]), ...writer.vector([[I32]])], [0x60, 0, 0]])),
    ...importedFunctions === 0
      ? []
      : writer.section(2, writer.vector([[...writer.name("host"), ...writer.name("f"), 0, ...writer.u32(0)]])),
    ...writer.section(3, writer.vector([...Array.from({ length: defined }, () => writer.u32(0)), writer.u32(1)])),
    ...writer.section(4, writer.vector([[FUNCREF, ...limits(random, writer, 8)]])),
    ...writer.section(5, writer.vector([limits(random, writer, 1)])),
    ...writer.section(
      6,
      writer.vector(Array.from({ length: shape.globals }, () => [I32, 1, 0x41, ...writer.s32(5), 0x0b])),
    ),
    ...writer.section(7, writer.vector(exportsOf(shape, writer))),
    ...hasStart ? writer.section(8, writer.u32(shape.functions)) : [],
    ...writer.section(9, writer.vector(elements(random, writer, shape))),
    ...writer.section(12, writer.u32(2)),
    ...writer.section(10, writer.vector(bodies(random, writer, shape, defined))),
    ...writer.section(
      11,
      writer.vector([
        [...writer.u32(1), ...writer.sized([1, 2, 3, 4])],
        [...writer.u32(0), 0x41, ...writer.s32(random.below(1000)), 0x0b, ...writer.sized([5, 6, 7])],
      ]),
    ),
    ...random.chance(3) ? writer.section(0, [...writer.name("note"), 1, 2, 3]) : [],
  ]);
}

function someKinds(random: Random): ReadonlySet<"table" | "element" | "data"> {
  return new Set((["table", "element", "data"] as const).filter(() => random.chance(2)));
}

function limits(random: Random, writer: WasmWriter, minimum: number): number[] {
  return random.chance(2)
    ? [0, ...writer.u32(minimum)]
    : [1, ...writer.u32(minimum), ...writer.u32(minimum + random.below(60_000))];
}

function exportsOf({ functions, importedFunctions }: RandomModuleShape, writer: WasmWriter): number[][] {
  const own = Array.from(
    { length: functions - importedFunctions },
    (_, i) => [...writer.name(`f${i}`), 0, ...writer.u32(importedFunctions + i)],
  );
  return [...own, [...writer.name("memory"), 2, ...writer.u32(0)]];
}

/** A passive segment, and an active one so that indirect calls find something. */
function elements(random: Random, writer: WasmWriter, { functions }: RandomModuleShape): number[][] {
  const indexes = () => writer.vector(Array.from({ length: 4 }, () => writer.u32(random.below(functions))));
  const expressions = () =>
    writer.vector(Array.from({ length: 4 }, () => [0xd2, ...writer.u32(random.below(functions)), 0x0b]));
  return [
    random.chance(2) ? [...writer.u32(1), 0, ...indexes()] : [...writer.u32(5), FUNCREF, ...expressions()],
    random.chance(2)
      ? [...writer.u32(0), 0x41, 0, 0x0b, ...indexes()]
      : [...writer.u32(4), 0x41, 0, 0x0b, ...expressions()],
    [...writer.u32(3), 0, ...writer.vector(Array.from({ length: functions }, (_, i) => writer.u32(i)))],
  ];
}

function bodies(random: Random, writer: WasmWriter, shape: RandomModuleShape, defined: number): number[][] {
  const own = Array.from({ length: defined }, () => {
    const groups = Array.from(
      { length: random.below(3) },
      () => ({ count: random.below(4), type: random.pick(LOCAL_TYPES) }),
    );
    const locals = [{ count: 2, type: I32 }, ...groups].map(({ count, type }) => [...writer.u32(count), type]);
    return writer.sized([...writer.vector(locals), ...new RandomBody(random, writer, shape).write(), 0x0b]);
  });
  const start = new RandomBody(random, writer, shape).writeVoid();
  return [...own, writer.sized([...writer.vector([[...writer.u32(2), I32], [...writer.u32(1), I32]]), ...start, 0x0b])];
}
