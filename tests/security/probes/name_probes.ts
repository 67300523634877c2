/** Names that mean something to JavaScript, wherever a guest or a component may name things. */
import assert from "node:assert/strict";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { performScript } from "@tests/support/script_guests.ts";
import { operatorGuest } from "@tests/support/wat_guests.ts";
import { runService, serviceOf } from "@tests/support/engine.ts";
import { registrationProbe, type Stage } from "./stage.ts";
import type { Category, Probe } from "./types.ts";

const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then"];

/** Imports that a table kept as a plain object would find, and such as lead out of the sandbox. */
export function importProbes({ strict }: Stage): Promise<Probe[]> {
  const imports: readonly (readonly [category: Category, name: string, component: string])[] = [
    ...["constructor", "to-string", "has-own-property", "value-of"].map((name) =>
      ["prototype pollution", `an import of "${name}" of the host`, instanceImport("host", name)] as const
    ),
    ["prototype pollution", "an interface called constructor", instanceImport("constructor", "f")],
    ["imports", "an interface nobody knows", instanceImport("deno:core/ops@0.2.0", "op-read")],
    ["imports", "a function of the host that is not there", instanceImport("host", "read-secret")],
    ["imports", "a later WASI", instanceImport("wasi:io/poll@0.3.0", "poll")],
    ["imports", "HTTP without a permission", instanceImport("wasi:http/types@0.2.0", "http-error-code")],
    ["imports", "a host function of another type", instanceImport("host", "get-service")],
    ["programs", "an import that would run them", instanceImport("deno:core/ops@0.2.0", "op-spawn-child")],
    ["native code", "an import that would load it", instanceImport("deno:core/ops@0.2.0", "op-ffi-load")],
  ];
  return Promise.resolve(imports.map(([category, name, text]) =>
    registrationProbe({ category, name }, strict, {
      bytes: () => parse(text),
      code: /^component_import_(unknown|denied|mistyped)$/,
    })
  ));
}

function instanceImport(interfaceName: string, name: string): string {
  return `(component (import "${interfaceName}" (instance (export "${name}" (func)))))`;
}

/** Names are data: they are kept, sent and looked up like any other, and change nothing. */
export async function inertNameProbes(stage: Stage): Promise<Probe[]> {
  const { engine, service } = await stage.target(stage.strict, "key_values");
  const config = await configGuest();
  const http = await stage.target(stage.open, "http", { http: true });
  const clean = () => {
    for (const name of NAMES) assert.ok(!Object.hasOwn(Object.prototype, `polluted-${name}`));
    assert.deepEqual(Object.keys(Object.prototype), []);
  };
  const inert = (name: string, attempt: () => Promise<void>): Probe => ({
    category: "prototype pollution",
    name,
    async attempt() {
      await attempt();
      clean();
      return { by: "an answer like any other", record: "nothing to refuse" };
    },
  });
  return NAMES.flatMap((name) => [
    inert(`a bucket and a key called ${name}`, async () => {
      const { answers } = await performScript(
        engine,
        service,
        ["get", name, name],
        ["set", name, name, "polluted"],
        ["get", name, name],
        ["get", "other", name],
        ["increment", name, name, 1],
        ["list", name],
        ["delete", name, name],
      );
      assert.deepEqual(answers.map(({ ok }) => ok), [
        null,
        "set",
        "polluted",
        null,
        1,
        { keys: [name], cursor: null },
        "deleted",
      ]);
    }),
    inert(`a variable called ${name}`, async () => {
      const operator = await stage.strict.engine.upload(config(name));
      const shape = { operator, manager: `0x${"98".repeat(20)}` };
      const without = await runService(stage.strict.engine, serviceOf(shape), "");
      assert.ok(without.ok && without.outcome.kind === "responses");
      assert.equal(without.outcome.responses[0]?.payload.length, 0, "there is none unless the service names one");
    }),
    inert(`a header called ${name}`, async () => {
      const { answers } = await performScript(http.engine, http.service, ["fromList", [[name, "polluted"]]]);
      assert.deepEqual(answers, [{ ok: 1 }]);
    }),
  ]);
}

/** A guest that answers the value of a variable, or nothing. */
async function configGuest(): Promise<(name: string) => Uint8Array> {
  const guests = new Map<string, Uint8Array>();
  for (const name of NAMES) {
    const guest = await operatorGuest({
      imports: `(import "host" "config-var" (func $variable (param i32 i32 i32)))`,
      fields: `(data (i32.const 1024) "${name}")`,
      body: `(call $variable (i32.const 1024) (i32.const ${name.length}) (i32.const 2048))
        (if (i32.load8_u (i32.const 2048)) (then
          (local.set $answer (i32.load (i32.const 2052)))
          (local.set $length (i32.load (i32.const 2056)))))`,
    });
    guests.set(name, guest);
  }
  return (name) => guests.get(name) ?? new Uint8Array();
}
