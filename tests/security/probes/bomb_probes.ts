/** Little that becomes much: compressed answers, and components that say more than they hold. */
import assert from "node:assert/strict";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { MAX_RESPONSE_BODY_BYTES } from "@/engine/egress/limits.ts";
import { performScript } from "@tests/support/script_guests.ts";
import { echoGuest } from "@tests/support/wat_guests.ts";
import { startPouring } from "./pouring_server.ts";
import { registrationProbe, scriptProbe, type Stage } from "./stage.ts";
import type { Probe } from "./types.ts";

const BOMBS = "decompression bombs";
const ZEROS = new Uint8Array(100 * 1024 * 1024);
const DOUBLINGS = 40;

/** The ways HTTP knows to compress. */
const ENCODINGS: Readonly<Record<string, () => Uint8Array>> = {
  gzip: () => gzipSync(ZEROS),
  deflate: () => deflateSync(ZEROS),
  br: () => brotliCompressSync(ZEROS),
};

/** Components of a few hundred bytes that would take gigabytes, or for ever. */
const COMPONENTS: Readonly<Record<string, readonly [code: string, text: string]>> = {
  "a memory of four gigabytes": ["component_too_large", "(core module (memory 65536))"],
  "a table of four thousand million entries": ["component_invalid", "(core module (table 4294967295 funcref))"],
  "a function with a million locals": [
    "component_invalid",
    `(core module (func (local ${"i64 ".repeat(1_000_000)})))`,
  ],
  "a type that doubles at every level": [
    "component_too_large",
    `(type $t0 (tuple u64 u64)) ${levels((i) => `(type $t${i + 1} (tuple $t${i} $t${i}))`)}`,
  ],
  "components that instantiate each other twice": [
    "component_too_large",
    `(component $c0)
      ${
      levels((i) =>
        `(component $c${i + 1} (alias outer 1 $c${i} (component $c)) ${"(instance (instantiate $c))".repeat(2)})`
      )
    }
      (instance (instantiate $c${DOUBLINGS}))`,
  ],
};

function levels(level: (index: number) => string): string {
  return Array.from({ length: DOUBLINGS }, (_, index) => level(index)).join("\n");
}

export function bombProbes(stage: Stage): Promise<Probe[]> {
  const registered = (name: string, code: string, bytes: () => Promise<Uint8Array>) =>
    registrationProbe({ category: BOMBS, name }, stage.strict, { bytes, code: new RegExp(`^${code}$`) });
  return Promise.resolve([
    ...Object.entries(COMPONENTS).map(([name, [code, text]]) =>
      registered(name, code, () => parse(`(component ${text})`))
    ),
    registered("a component that is compressed", "component_invalid", async () => gzipSync(await echoGuest())),
    ...Object.entries(ENCODINGS).map(([encoding, compress]) => answerProbe(stage, encoding, compress)),
    longAnswerProbe(stage),
    downloadProbe(stage),
  ]);
}

function headOf(encoding: string, length: number): string {
  return `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${length}\r\n\r\n`;
}

/** A hundred megabytes in a hundred kilobytes: nobody blows them up, and the guest has to take them as they are. */
function answerProbe(stage: Stage, encoding: string, compress: () => Uint8Array): Probe {
  return {
    category: BOMBS,
    name: `an answer in ${encoding}`,
    async attempt() {
      const bomb = compress();
      await using server = startPouring(headOf(encoding, bomb.length), bomb, 1);
      const { engine, service } = await stage.target(stage.open, "http", { http: true });
      const { answers } = await performScript(engine, service, ["drain", { authority: server.authority }]);
      assert.deepEqual(answers, [{ ok: bomb.length }], "the guest is given what was sent, and no more");
      return { by: `${bomb.length} bytes stayed ${bomb.length}`, record: "nothing to refuse" };
    },
  };
}

function longAnswerProbe(stage: Stage): Probe {
  const title = { category: BOMBS, name: "an answer too long even while it is compressed" } as const;
  return {
    ...title,
    async attempt() {
      const bomb = gzipSync(crypto.getRandomValues(new Uint8Array(65_536)));
      const chunks = Math.ceil(MAX_RESPONSE_BODY_BYTES / bomb.length) + 2;
      await using server = startPouring(headOf("gzip", bomb.length * chunks), bomb, chunks);
      const target = await stage.target(stage.open, "http", { http: true });
      const operation = ["drain", { authority: server.authority }] as const;
      return await scriptProbe(title, target, { operation, error: "last-operation-failed" }).attempt();
    },
  };
}

/** What the node itself downloads is not inflated either: a limit counts what arrives. */
function downloadProbe({ open }: Stage): Probe {
  return {
    category: BOMBS,
    name: "a download of the node's own",
    async attempt() {
      const bomb = gzipSync(ZEROS);
      await using server = startPouring(headOf("gzip", bomb.length), bomb, 1);
      const request = { uri: `http://${server.authority}/`, maxBytes: bomb.length, timeoutMs: 30_000 };
      const { bytes } = await open.engine.fetchBytes(request);
      assert.equal(bytes.length, bomb.length);
      return { by: `${bomb.length} bytes stayed ${bomb.length}`, record: "nothing to refuse" };
    },
  };
}
