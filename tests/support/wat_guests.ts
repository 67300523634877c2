/** Small components written in WebAssembly text, built offline, for limits, benchmarks and the canonical ABI. */
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { witSource } from "./wit_source.ts";

export interface GuestSource {
  /** A core module; it imports and exports by the names `wasm-tools component new` expects. */
  readonly wat: string;
  /** WIT text with the world to build for; default: the repository's packages. */
  readonly wit?: string;
  readonly world: string;
  readonly stringEncoding?: "utf8" | "utf16" | "compact-utf16";
}

/** Builds a component from a core module in text form. */
export async function buildGuest(source: GuestSource): Promise<Uint8Array> {
  const embedded = await componentEmbed({
    binary: await parse(source.wat),
    witSource: source.wit ?? await witSource(),
    world: source.world,
    stringEncoding: source.stringEncoding ?? "utf8",
  });
  return await componentNew(embedded, []);
}

/** A bump allocator that grows memory as it needs to. Static data belongs below 64 KiB. */
export const ALLOCATOR = allocator("");

function allocator(first: string): string {
  return `
  (memory (export "memory") 2)
  (global $heap (mut i32) (i32.const 65536))
  (func $allocate (export "cabi_realloc") (param $old i32) (param $oldBytes i32) (param $align i32) (param $bytes i32)
    (result i32) (local $start i32)
    ${first}
    (local.set $start (i32.and
      (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $start) (local.get $bytes)))
    (block $enough
      (br_if $enough (i32.le_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $enough (i32.ne (i32.const -1)
        (memory.grow (i32.add (i32.shr_u (local.get $bytes) (i32.const 16)) (i32.const 1)))))
      unreachable)
    (memory.copy (local.get $start) (local.get $old) (local.get $oldBytes))
    (local.get $start))`;
}

export interface OperatorGuest {
  /** Instructions of `run`; local 0 points at the trigger action. They set $answer and $length, the response's payload. */
  readonly body: string;
  /** Other module fields, functions for example. */
  readonly fields?: string;
  /** Core imports, which must stand first. */
  readonly imports?: string;
  /** Instructions at the beginning of the allocator. */
  readonly allocate?: string;
  /** Instructions of the post-return function of `run`. */
  readonly postReturn?: string;
  /** How many responses it answers; those after the first are empty. Default 1. */
  readonly responses?: number;
}

/** A component of the operator world that answers one response without ordering and salt. */
export function operatorGuest(guest: OperatorGuest): Promise<Uint8Array> {
  const wat = `(module ${guest.imports ?? ""} ${allocator(guest.allocate ?? "")} ${guest.fields ?? ""}
    (func (export "cabi_post_run") (param i32) ${guest.postReturn ?? ""})
    (func (export "run") (param $action i32) (result i32) (local $answer i32) (local $length i32)
      (local $i i32) (local $n i64)
      ${guest.body}
      (i32.store8 (i32.const 64) (i32.const 0))
      (i32.store (i32.const 68) (i32.const 128))
      (i32.store (i32.const 72) (i32.const ${guest.responses ?? 1}))
      (i32.store (i32.const 128) (local.get $answer))
      (i32.store (i32.const 132) (local.get $length))
      (i32.store8 (i32.const 136) (i32.const 0))
      (i32.store8 (i32.const 152) (i32.const 0))
      (i32.const 64)))`;
  return buildGuest({ wat, world: "operator" });
}

/** Where a trigger action's raw data is: the variant's case (6 is raw), then pointer and length of the bytes. */
const RAW_DATA = `
  (if (i32.ne (i32.load8_u offset=72 (local.get $action)) (i32.const 6)) (then unreachable))
  (local.set $answer (i32.load offset=80 (local.get $action)))
  (local.set $length (i32.load offset=84 (local.get $action)))`;

/** Answers the raw bytes it was triggered with. */
export function echoGuest(): Promise<Uint8Array> {
  return operatorGuest({ body: RAW_DATA });
}

/** Answers `{"y":n²}` to raw data `{"x":n}`. */
export function squareGuest(): Promise<Uint8Array> {
  return operatorGuest({
    fields: `(data (i32.const 1024) "{\\"y\\":")`,
    body: `${RAW_DATA}
      (local.set $i (i32.const 5))
      (block $parsed (loop $digit
        (br_if $parsed (i32.ge_u (local.get $i) (i32.sub (local.get $length) (i32.const 1))))
        (local.set $n (i64.add (i64.mul (local.get $n) (i64.const 10)) (i64.sub
          (i64.load8_u (i32.add (local.get $answer) (local.get $i))) (i64.const 48))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $digit)))
      (local.set $n (i64.mul (local.get $n) (local.get $n)))
      (local.set $i (i32.const 1100))
      (i32.store8 (local.get $i) (i32.const 125))
      (loop $digit
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (i64.store8 (local.get $i) (i64.add (i64.rem_u (local.get $n) (i64.const 10)) (i64.const 48)))
        (local.set $n (i64.div_u (local.get $n) (i64.const 10)))
        (br_if $digit (i64.ne (local.get $n) (i64.const 0))))
      (local.set $i (i32.sub (local.get $i) (i32.const 5)))
      (memory.copy (local.get $i) (i32.const 1024) (i32.const 5))
      (local.set $answer (local.get $i))
      (local.set $length (i32.sub (i32.const 1101) (local.get $i)))`,
  });
}
