import assert from "node:assert/strict";
import { isWavsError } from "@/domain/errors.ts";
import { AGGREGATOR_WORLD, checkWorld, OPERATOR_WORLD, planComponent } from "./mod.ts";
import type { ComponentSurface, WorldGrants } from "./types.ts";

const NO_HTTP: WorldGrants = { http: false };
const run = { name: "run", signature: OPERATOR_WORLD.exports.get("run") ?? "" };

function refusal(surface: Partial<ComponentSurface>, grants = NO_HTTP): { code: string; message: string } | undefined {
  try {
    checkWorld({ imports: [], exports: [run], ...surface }, { world: OPERATOR_WORLD, grants });
    return undefined;
  } catch (error) {
    assert.ok(isWavsError(error), String(error));
    return { code: error.code, message: error.message };
  }
}

function imported(interfaceName: string, name: string): { interfaceName: string; name: string; signature: string } {
  const track = interfaceName.replace(/@0\.2\.\d+$/, "");
  return { interfaceName, name, signature: OPERATOR_WORLD.imports.get(`${track}#${name}`) ?? "()->_" };
}

Deno.test("a component built by cargo belongs to the operator world, not to the aggregator's", async () => {
  const square = await Deno.readFile(new URL("../../../tests/fixtures/rust/square.wasm", import.meta.url));
  const { surface } = planComponent(square);
  checkWorld(surface, { world: OPERATOR_WORLD, grants: NO_HTTP });
  assert.throws(
    () => checkWorld(surface, { world: AGGREGATOR_WORLD, grants: NO_HTTP }),
    /does not export "handle-submit-callback", which the aggregator world requires/,
  );
});

Deno.test("any 0.2 version of a standard interface is fine", () => {
  for (const version of ["0.2.0", "0.2.3", "0.2.99"]) {
    assert.equal(refusal({ imports: [imported(`wasi:io/poll@${version}`, "poll")] }), undefined, version);
  }
});

Deno.test("other versions of a standard interface are unknown", () => {
  for (const version of ["@0.3.0", "@0.2.0-rc", "@0.2", "@0.2.01", ""]) {
    const poll = { ...imported("wasi:io/poll@0.2.0", "poll"), interfaceName: `wasi:io/poll${version}` };
    assert.equal(refusal({ imports: [poll] })?.code, "component_import_unknown", version);
  }
});

Deno.test("drafts must match exactly", () => {
  const draft = imported("wasi:keyvalue/store@0.2.0-draft2", "open");
  assert.equal(refusal({ imports: [draft] }), undefined);
  const other = { ...draft, interfaceName: "wasi:keyvalue/store@0.2.0-draft" };
  assert.equal(refusal({ imports: [other] })?.code, "component_import_unknown");
});

Deno.test("what the host does not provide is refused by name", () => {
  const config = { interfaceName: "wasi:config/runtime@0.2.0-draft", name: "get-all", signature: "()->_" };
  assert.deepEqual(refusal({ imports: [config] }), {
    code: "component_import_unknown",
    message: `The component imports "wasi:config/runtime@0.2.0-draft#get-all", ` +
      "which the operator world of this node does not have; build it against this node's WIT packages",
  });
  for (const name of ["constructor", "__proto__", "to-string"]) {
    const hostile = { interfaceName: "host", name, signature: "()->_" };
    assert.equal(refusal({ imports: [hostile] })?.code, "component_import_unknown", name);
  }
});

Deno.test("an import with another type is refused", () => {
  const log = { ...imported("host", "log"), signature: "(message:string)->_" };
  assert.equal(refusal({ imports: [log] })?.code, "component_import_mistyped");
});

Deno.test("http needs a permission", () => {
  const imports = [imported("wasi:http/outgoing-handler@0.2.3", "handle")];
  assert.equal(refusal({ imports }, { http: true }), undefined);
  const denied = refusal({ imports });
  assert.equal(denied?.code, "component_import_denied");
  assert.match(denied.message, /"wasi:http\/outgoing-handler@0\.2\.3#handle".*"allowed_http_hosts"/);
});

Deno.test("the wanted export must be there with its type", () => {
  assert.equal(refusal({ exports: [] })?.code, "component_export_missing");
  assert.equal(refusal({ exports: [{ name: "run", signature: "()->_" }] })?.code, "component_export_mistyped");
});
