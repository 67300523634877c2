/** Names that mean something to JavaScript, wherever a guest or a component may name things. */
import assert from "node:assert/strict";
import { isWavsError } from "@/domain/mod.ts";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { performScript } from "@tests/support/script_guests.ts";
import { operatorGuest } from "@tests/support/wat_guests.ts";
import { runService, serviceOf } from "@tests/support/engine.ts";
import type { Stage } from "./stage.ts";
import type { Probe } from "./types.ts";

const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then"];

/** Imports that a table kept as a plain object would find. */
export function importProbes({ strict }: Stage): Promise<Probe[]> {
  const imports: readonly (readonly [name: string, component: string])[] = [
    ...["constructor", "to-string", "has-own-property", "value-of"].map((name) =>
      [`"${name}" of the host`, instanceImport("host", name)] as const
    ),
    ["an interface called constructor", instanceImport("constructor", "f")],
    ["an interface nobody knows", instanceImport("deno:core/ops@0.2.0", "op-read")],
    ["a function of the host that is not there", instanceImport("host", "read-secret")],
    ["a later WASI", instanceImport("wasi:io/poll@0.3.0", "poll")],
    ["HTTP without a permission", instanceImport("wasi:http/types@0.2.0", "http-error-code")],
    ["a host function of another type", instanceImport("host", "get-service")],
  ];
  return Promise.resolve(imports.map(([name, text]) => ({
    name: `import: ${name}`,
    async attempt() {
      const bytes = await parse(text);
      return await refusal(/^component_import_(unknown|denied|mistyped)$/, async () => {
        const operator = await strict.engine.upload(bytes);
        const service = serviceOf({ operator, manager: `0x${"99".repeat(20)}` });
        const component = service.workflows.get("default" as never)?.component;
        assert.ok(component !== undefined);
        await strict.engine.prepare(component, "operator");
      });
    },
  })));
}

function instanceImport(interfaceName: string, name: string): string {
  return `(component (import "${interfaceName}" (instance (export "${name}" (func)))))`;
}

/** Refusals at registration go to whoever registers. */
async function refusal(wanted: RegExp, work: () => Promise<unknown>): Promise<{ by: string; record: string[] }> {
  try {
    await work();
  } catch (error) {
    assert.ok(isWavsError(error), String(error));
    assert.match(error.code, wanted, error.message);
    return { by: error.code, record: [error.message] };
  }
  return assert.fail("the component was accepted");
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
    name: `name: ${name}`,
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
