import assert from "node:assert/strict";
import fc from "fast-check";
import type { LogFields, Logger } from "@/context/mod.ts";
import { serializeError, WavsError } from "@/domain/errors.ts";
import { parseLogDirectives } from "./directives.ts";
import { MAX_LOG_FIELDS, MAX_LOG_LINE_CHARS, MAX_LOG_TEXT_CHARS } from "./limits.ts";
import { createLogger } from "./log.ts";
import { createSecretFilter } from "./secrets.ts";

interface CaptureOptions {
  readonly format?: "json" | "pretty";
  readonly color?: boolean;
  readonly levels?: readonly string[];
  readonly secrets?: readonly string[];
}

function capture(options: CaptureOptions = {}): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const log = createLogger({
    format: options.format ?? "json",
    color: options.color ?? false,
    directives: parseLogDirectives(options.levels ?? ["trace"]),
    secrets: createSecretFilter(options.secrets ?? []),
  }, { sink: (line) => lines.push(line), clock: { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) } });
  return { log, lines };
}

Deno.test("a JSON line has time, level, message, module and fields in that order", () => {
  const { log, lines } = capture();
  log.child("triggers").child("evm").info("Connected", { chain: "evm:31337", head: 12, gap: undefined });
  assert.deepEqual(lines, [
    '{"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"Connected","module":"triggers.evm",' +
    '"chain":"evm:31337","head":12}',
  ]);
});

Deno.test("a JSON line keeps every digit of a 64-bit integer", () => {
  const { log, lines } = capture();
  log.info("Started", { fuel: 2n ** 64n - 1n, ratio: Number.NaN });
  assert.match(lines[0] ?? "", /"fuel":18446744073709551615,"ratio":"NaN"\}$/);
});

Deno.test("a JSON line carries an error with its metadata and causes", () => {
  const { log, lines } = capture();
  const cause = new WavsError("rpc_failed", { message: "The node answered 502", retryable: true });
  const error = new WavsError("chain_unreachable", {
    message: "Cannot reach the chain",
    retryable: true,
    meta: { block: 5n, tried: null },
    cause,
  });
  log.error("Lost", { error: serializeError(error) });
  assert.deepEqual(JSON.parse(lines[0] ?? "").error, {
    code: "chain_unreachable",
    message: "Cannot reach the chain",
    retryable: true,
    meta: { block: 5, tried: null },
    cause: { code: "rpc_failed", message: "The node answered 502", retryable: true },
  });
});

Deno.test("a field cannot pass for a member of the line", () => {
  const { log, lines } = capture();
  log.info("Real", { msg: "forged", level: "error" });
  const line = JSON.parse(lines[0] ?? "");
  assert.deepEqual([line.msg, line.level, line.msg_, line.level_], ["Real", "info", "forged", "error"]);
});

Deno.test("a line never breaks, controls a terminal or grows over its limit, whatever is logged", () => {
  const fields = fc.dictionary(
    fc.string({ unit: "binary", minLength: 1 }),
    fc.oneof(fc.string({ unit: "binary", maxLength: 400 }), fc.bigInt(), fc.double(), fc.boolean()),
    { maxKeys: 80 },
  );
  // deno-lint-ignore no-control-regex -- exactly these must not be there
  const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
  for (const format of ["json", "pretty"] as const) {
    const { log, lines } = capture({ format });
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 4000 }), fields, (message, values) => {
      lines.length = 0;
      log.child("engine").warn(message, values as LogFields);
      const line = lines[0] ?? "";
      assert.equal(lines.length, 1);
      assert.ok(!unsafe.test(line), `${format}: ${JSON.stringify(line)}`);
      assert.ok(line.length <= MAX_LOG_LINE_CHARS, `${format}: ${line.length} characters`);
      if (format === "json") assert.equal(JSON.parse(line).level, "warn");
    }));
  }
});

Deno.test("what does not fit is cut or dropped and counted", () => {
  const { log, lines } = capture();
  log.info("x".repeat(MAX_LOG_TEXT_CHARS + 1));
  assert.equal(JSON.parse(lines[0] ?? "").msg, `${"x".repeat(MAX_LOG_TEXT_CHARS)}…`);

  log.info("many", Object.fromEntries(Array.from({ length: MAX_LOG_FIELDS + 5 }, (_, index) => [`f${index}`, index])));
  assert.equal(JSON.parse(lines[1] ?? "").dropped_fields, 5);

  log.info("wide", Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${index}`, "\x01".repeat(1000)])));
  assert.ok(JSON.parse(lines[2] ?? "").dropped_fields > 0);
});

Deno.test("a record passes by the most specific directive for its module", () => {
  const { log, lines } = capture({ levels: ["warn, triggers=debug", "triggers.evm=off"] });
  log.info("root");
  log.warn("root");
  log.child("triggers").debug("triggers");
  log.child("triggers").trace("triggers");
  log.child("triggers").child("cron").debug("cron");
  log.child("triggers").child("evm").error("evm");
  log.child("triggersx").info("other");
  assert.deepEqual(lines.map((line) => JSON.parse(line).msg), ["root", "triggers", "cron"]);
});

Deno.test("secrets appear nowhere in a line, in no format and no spelling", () => {
  const key = "AbCdEf0123456789AbCdEf0123456789";
  const token = 'to"ken with / and \\';
  for (const format of ["json", "pretty"] as const) {
    const { log, lines } = capture({ format, secrets: [`0x${key}`, token, "short"] });
    const error = serializeError(
      new WavsError("x", {
        message: `bad ${token}`,
        retryable: false,
        meta: { token },
        cause: new Error(`deep 0x${key}`),
      }),
    );
    log.error(`message ${token}`, { [`name${token}`]: 1, token, url: encodeURIComponent(token), key, error });
    log.error(`lower ${key.toLowerCase()}`, { json: JSON.stringify({ token }) });
    const text = lines.join("\n");
    for (const secret of [token, JSON.stringify(token).slice(1, -1), encodeURIComponent(token)]) {
      assert.ok(!text.includes(secret), `${format}: ${text}`);
    }
    assert.ok(!text.toLowerCase().includes(key.toLowerCase()), `${format}: ${text}`);
    assert.ok(text.includes("(secret)"));
  }
});

Deno.test("a secret is filtered before the text is cut", () => {
  const { log, lines } = capture({ secrets: ["0123456789"] });
  log.info(`${"x".repeat(MAX_LOG_TEXT_CHARS - 5)}0123456789`);
  assert.ok(!(lines[0] ?? "").includes("01234"));
});

Deno.test("the pretty format is readable and shows errors on lines of their own", () => {
  const { log, lines } = capture({ format: "pretty" });
  const cause = new WavsError("rpc_failed", { message: "The node answered 502", retryable: true });
  const error = new WavsError("chain_lost", { message: "Cannot reach the chain", retryable: true, cause });
  log.child("triggers").warn("Chain lost", { chain: "evm:1", why: "two words", error: serializeError(error) });
  assert.equal(
    lines[0],
    '03:04:05.678 WARN  triggers Chain lost chain=evm:1 why="two words"\n' +
      "    error: Cannot reach the chain (chain_lost)\n" +
      "    because: The node answered 502 (rpc_failed)",
  );
});

Deno.test("the pretty format colours only when asked to", () => {
  const { log, lines } = capture({ format: "pretty", color: true });
  log.info("Hello");
  assert.ok((lines[0] ?? "").includes("\x1b[32mINFO \x1b[0m"));
});
