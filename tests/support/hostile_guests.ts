/** Components that break the limits of an execution, each in a way of its own. */
import { type OperatorGuest, operatorGuest } from "./wat_guests.ts";

export interface HostileGuest {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Codes its execution may end with. */
  readonly endsWith: readonly string[];
  /** What the service that runs it asks for. */
  readonly limits: { readonly timeLimitSeconds?: number; readonly fuelLimit?: number };
}

interface Recipe extends Omit<HostileGuest, "bytes"> {
  readonly guest: OperatorGuest;
}

const LOG = `(import "host" "log" (func $log (param i32 i32 i32)))`;
const SLEEP = `(import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $after (param i64) (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))`;
const EXIT = `(import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))`;
const VARIABLE = `(import "host" "config-var" (func $variable (param i32 i32 i32)))`;
const RANDOM = `(import "wasi:random/random@0.2.0" "get-random-bytes" (func $random (param i64 i32)))`;

const FUEL = { fuelLimit: 20_000_000 };
const SECOND = { timeLimitSeconds: 1 };

const RECIPES: readonly Recipe[] = [
  {
    name: "spins until its time is up",
    guest: { body: "(loop $l (br $l))" },
    limits: SECOND,
    endsWith: ["out_of_time"],
  },
  {
    name: "spins until its fuel is spent",
    guest: { body: "(loop $l (br $l))" },
    limits: FUEL,
    endsWith: ["out_of_fuel"],
  },
  {
    name: "sleeps past its limit",
    guest: { imports: SLEEP, body: "(call $block (call $after (i64.const 60000000000)))" },
    limits: SECOND,
    endsWith: ["out_of_time"],
  },
  {
    name: "grows its memory until it gets no more, and writes to all of it",
    guest: {
      body: `(loop $l (br_if $l (i32.ne (i32.const -1) (memory.grow (i32.const 16)))))
        (memory.fill (i32.const 65536) (i32.const 7)
          (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 65536)))
        unreachable`,
    },
    limits: {},
    endsWith: ["guest_trap"],
  },
  {
    name: "recurses without end",
    guest: { fields: "(func $deep (call $deep))", body: "(call $deep)" },
    limits: {},
    endsWith: ["guest_trap"],
  },
  {
    name: "recurses without end and calls the host from each depth",
    guest: {
      imports: VARIABLE,
      fields: `(func $deep (call $variable (i32.const 0) (i32.const 1) (i32.const 2048)) (call $deep))`,
      body: "(call $deep)",
    },
    limits: {},
    endsWith: ["guest_trap"],
  },
  {
    name: "floods the log until its fuel is spent",
    guest: {
      imports: LOG,
      body: "(loop $l (call $log (i32.const 0) (i32.const 1024) (i32.const 30000)) (br $l))",
    },
    limits: { fuelLimit: 20_000 },
    endsWith: ["out_of_fuel"],
  },
  {
    name: "answers too many responses",
    guest: { body: "", responses: 1000 },
    limits: {},
    endsWith: ["response_too_large"],
  },
  {
    name: "answers a response that is too large",
    guest: {
      body: `(drop (memory.grow (i32.const 64))) (local.set $length (i32.const 2097152))`,
    },
    limits: {},
    endsWith: ["response_too_large"],
  },
  {
    name: "answers more than may be copied",
    guest: {
      body: `(drop (memory.grow (i32.const 512))) (local.set $length (i32.const 33554432))`,
    },
    limits: {},
    endsWith: ["guest_trap"],
  },
  { name: "traps", guest: { body: "unreachable" }, limits: {}, endsWith: ["guest_trap"] },
  {
    name: "reads outside its memory",
    guest: { body: "(drop (i32.load (i32.const -4)))" },
    limits: {},
    endsWith: ["guest_trap"],
  },
  { name: "exits", guest: { imports: EXIT, body: "(call $exit (i32.const 0))" }, limits: {}, endsWith: ["guest_exit"] },
  {
    name: "asks for random bytes without end",
    guest: {
      imports: RANDOM,
      body: "(loop $l (call $random (i64.const 1048576) (i32.const 2048)) (br $l))",
    },
    limits: {},
    endsWith: ["guest_trap"],
  },
  {
    name: "spins in its start function",
    guest: { fields: "(func $s (loop $l (br $l))) (start $s)", body: "" },
    limits: FUEL,
    endsWith: ["out_of_fuel"],
  },
  {
    name: "spins in its allocator",
    guest: { allocate: "(loop $l (br $l))", body: "" },
    limits: {},
    endsWith: ["guest_trap"],
  },
];

/** Builds them all. */
export function hostileGuests(): Promise<HostileGuest[]> {
  return Promise.all(RECIPES.map(async ({ guest, ...rest }) => ({ ...rest, bytes: await operatorGuest(guest) })));
}
