import assert from "node:assert/strict";
import { GuestLogs } from "./guest_logs.ts";
import { MAX_LOG_BYTES, MAX_REFUSAL_CHARS, MAX_REFUSALS_LOGGED } from "./limits.ts";

Deno.test("refusals are all counted, and the first are told however much the guest logs", () => {
  const logs = new GuestLogs();
  for (let bytes = 0; bytes <= MAX_LOG_BYTES; bytes += 1000) {
    logs.add({ level: "info", stream: "log", message: "x".repeat(1000) });
  }
  assert.ok(logs.dropped > 0);
  for (let count = 1; count <= 1000; count++) logs.refuse(count % 2 === 0 ? "http" : "file", `no ${count}`);
  logs.close();
  assert.deepEqual([...logs.refusals], [["file", 500], ["http", 500]]);
  const told = logs.lines.filter(({ stream }) => stream === "node");
  assert.equal(told.length, MAX_REFUSALS_LOGGED + 1);
  assert.deepEqual(told[0], { level: "warn", stream: "node", message: "no 1" });
  assert.equal(told.at(-1)?.message, `${1000 - MAX_REFUSALS_LOGGED} more calls were refused`);
});

Deno.test("what a refusal quotes can neither forge a line nor fill the log", () => {
  const logs = new GuestLogs();
  logs.refuse("http", `the host "a\nERROR forged\u001b[2J" ${"x".repeat(100_000)}`);
  const message = logs.lines[0]?.message ?? "";
  assert.ok(message.startsWith(`the host "a\\nERROR forged\\u{1b}[2J"`), message);
  assert.ok(message.length < MAX_REFUSAL_CHARS + 20);
});

Deno.test("a refusal that comes after the end is told apart, as often as any", () => {
  const late: string[] = [];
  const logs = new GuestLogs({ onLateRefusal: (kind, why) => late.push(`${kind}: ${why}`) });
  logs.refuse("http", "in time");
  logs.close();
  for (let count = 0; count < 100; count++) logs.refuse("http", "late");
  assert.equal(logs.lines.length, 1);
  assert.deepEqual(late, Array.from({ length: MAX_REFUSALS_LOGGED - 1 }, () => "http: late"));
});
