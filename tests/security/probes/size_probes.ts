/** Guests that ask for too much, and guests that break the rules of the component model. */
import { MAX_RESPONSE_BODY_BYTES, MAX_RESPONSE_HEADER_BYTES } from "@/engine/egress/limits.ts";
import { MAX_RESPONSES } from "@/engine/limits.ts";
import { MAX_BATCH_ITEMS, MAX_KEY_BYTES, MAX_RANDOM_BYTES, MAX_VALUE_BYTES } from "@/engine/wasi/limits.ts";
import { startPouring } from "./pouring_server.ts";
import { scriptProbe, type Stage, watProbe } from "./stage.ts";
import type { Probe } from "./types.ts";

const LOG = `(import "host" "log" (func $log (param i32 i32 i32)))`;
const VARIABLE = `(import "host" "config-var" (func $variable (param i32 i32 i32)))`;
const RANDOM = `(import "wasi:random/random@0.2.0" "get-random-bytes" (func $random (param i64 i32)))`;
const CLOCK = `(import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $after (param i64) (result i32)))
  (import "wasi:io/poll@0.2.0" "poll" (func $poll (param i32 i32 i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.0" "[resource-drop]pollable" (func $drop (param i32)))`;
const STDOUT = `(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $stdout (result i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.write" (func $write (param i32 i32 i32 i32)))`;
const OPEN = `(import "wasi:keyvalue/store@0.2.0-draft2" "open" (func $open (param i32 i32 i32)))`;

/** Breaks a rule in one way; the canonical ABI or a limit of the host ends it. */
export function abiProbes(stage: Stage): Promise<Probe[]> {
  const traps = (name: string, imports: string, body: string) =>
    watProbe({ category: "canonical ABI", name }, stage.strict, { guest: { imports, body }, code: "guest_trap" });
  return Promise.resolve([
    traps("a string that ends beyond its memory", LOG, "(call $log (i32.const 0) (i32.const 65536) (i32.const -1))"),
    traps("a string that begins beyond its memory", LOG, "(call $log (i32.const 0) (i32.const -16) (i32.const 32))"),
    traps(
      "a string of bad UTF-8",
      LOG,
      "(i32.store8 (i32.const 1024) (i32.const 255)) (call $log (i32.const 0) (i32.const 1024) (i32.const 1))",
    ),
    traps("a case that its enum does not have", LOG, "(call $log (i32.const 99) (i32.const 0) (i32.const 0))"),
    traps(
      "an answer put where it may not lie",
      VARIABLE,
      "(call $variable (i32.const 0) (i32.const 1) (i32.const 2049))",
    ),
    traps("an answer put beyond its memory", VARIABLE, "(call $variable (i32.const 0) (i32.const 1) (i32.const -8))"),
    traps("a handle that nobody gave it", CLOCK, "(call $block (i32.const 77))"),
    traps("a handle below all others", CLOCK, "(call $block (i32.const -1))"),
    traps(
      "a handle dropped twice",
      CLOCK,
      "(local.set $i (call $after (i64.const 0))) (call $drop (local.get $i)) (call $drop (local.get $i))",
    ),
    traps("a handle of another type", `${CLOCK} ${STDOUT}`, "(call $block (call $stdout))"),
    traps("handles without end", CLOCK, "(loop $l (drop (call $after (i64.const 0))) (br $l))"),
    traps(
      "a list of a thousand million handles",
      CLOCK,
      "(call $poll (i32.const 1024) (i32.const 1000000000) (i32.const 2048))",
    ),
    traps("a poll of nothing", CLOCK, "(call $poll (i32.const 1024) (i32.const 0) (i32.const 2048))"),
    traps(
      "more random bytes than are given",
      RANDOM,
      `(call $random (i64.const ${MAX_RANDOM_BYTES + 1}) (i32.const 2048))`,
    ),
    traps("all random bytes there are", RANDOM, "(call $random (i64.const -1) (i32.const 2048))"),
    traps(
      "more bytes than fit a stream at once",
      STDOUT,
      "(drop (memory.grow (i32.const 8))) (call $write (call $stdout) (i32.const 0) (i32.const 500000) (i32.const 2048))",
    ),
    traps(
      "a bucket's name as long as its memory",
      OPEN,
      "(drop (memory.grow (i32.const 900))) (call $open (i32.const 0) (i32.const 33554432) (i32.const 2048))",
    ),
    traps(
      "an answer larger than may be copied",
      "",
      "(drop (memory.grow (i32.const 512))) (local.set $length (i32.const 33554432))",
    ),
    traps("an answer beyond its memory", "", "(local.set $answer (i32.const -4)) (local.set $length (i32.const 64))"),
    watProbe({ category: "floods", name: "more responses than are signed" }, stage.strict, {
      guest: { body: "", responses: MAX_RESPONSES + 1 },
      code: "response_too_large",
    }),
    watProbe({ category: "floods", name: "an answer larger than is gossiped" }, stage.strict, {
      guest: { body: "(drop (memory.grow (i32.const 32))) (local.set $length (i32.const 1048577))" },
      code: "response_too_large",
    }),
  ]);
}

/** Floods and bombs: what a limit cuts is counted, and the execution goes on. */
export async function floodProbes(stage: Stage): Promise<Probe[]> {
  const keys = await stage.target(stage.strict, "key_values");
  const key = (name: string, operation: readonly [string, ...unknown[]], error: RegExp) =>
    scriptProbe({ category: "key-values", name }, keys, { operation, error });
  const long = "x".repeat(MAX_KEY_BYTES + 1);
  const many = Array.from({ length: MAX_BATCH_ITEMS + 1 }, (_, index) => String(index));
  const http = await stage.target(stage.open, "http", { http: true });
  return [
    key("a key that is too long", ["set", "b", long, "v"], /a name of 4097 bytes is longer than 4096/),
    key("a key too long for its characters alone", ["get", "b", "😀".repeat(1025)], /a name of 4100 bytes/),
    key("a bucket's name that is too long", ["get", long, "k"], /a name of 4097 bytes/),
    key("a cursor that is too long", ["list", "b", long], /a name of 4097 bytes/),
    key("a value that is too large", ["fill", "b", "k", MAX_VALUE_BYTES + 1], /a value of 1048577 bytes is larger/),
    key("a batch of too many keys", ["getMany", "b", many], /a batch of 1001 keys is larger than 1000/),
    key("a batch of too many keys to delete", ["deleteMany", "b", many], /a batch of 1001 keys/),
    scriptProbe({ category: "floods", name: "more requests than may be open" }, http, {
      operation: ["flood", { authority: `127.0.0.1:${stage.server.port}`, path: "/mine" }, 20],
      error: /!connection-limit-reached/,
    }),
    bodyProbe(stage),
    headProbe(stage),
  ];
}

function bodyProbe(stage: Stage): Probe {
  const title = { category: "floods", name: "a body without an end" } as const;
  return {
    ...title,
    async attempt() {
      const chunk = new Uint8Array(1024 * 1024);
      await using server = startPouring("HTTP/1.1 200 OK\r\n\r\n", chunk, MAX_RESPONSE_BODY_BYTES / chunk.length + 2);
      const target = await stage.target(stage.open, "http", { http: true });
      const probe = scriptProbe(title, target, {
        operation: ["drain", { authority: server.authority }],
        error: "last-operation-failed",
      });
      return await probe.attempt();
    },
  };
}

function headProbe(stage: Stage): Probe {
  const title = { category: "floods", name: "headers without an end" } as const;
  return {
    ...title,
    async attempt() {
      const line = new TextEncoder().encode(`x: ${"y".repeat(1000)}\r\n`);
      await using server = startPouring("HTTP/1.1 200 OK\r\n", line, Math.ceil(MAX_RESPONSE_HEADER_BYTES / 1000) + 100);
      const target = await stage.target(stage.open, "http", { http: true });
      const probe = scriptProbe(title, target, {
        operation: ["send", { authority: server.authority }],
        error: "!HTTP-response-header-section-size",
      });
      return await probe.attempt();
    },
  };
}
