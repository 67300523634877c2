import assert from "node:assert/strict";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { buildComponents } from "@components/build.ts";
import { isWavsError } from "@/domain/mod.ts";
import { runComponent } from "@/cli/component/command.ts";
import { operatorGuest } from "@tests/support/wat_guests.ts";

/** What `wavs component inspect` says of a file. */
async function inspect(path: string, ...args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  await runComponent(["inspect", path, ...args], { color: false, line: (text = "") => void lines.push(text) });
  return lines.join("\n");
}

// deno-lint-ignore no-explicit-any -- what a program that reads the JSON sees
async function inspectBytes(bytes: Uint8Array): Promise<any> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    return JSON.parse(await inspect(path, "--json"));
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("inspect derives the permissions of every sample from its imports", async () => {
  const asksHttp = ["permissions_probe", "price_oracle", "simple_aggregator", "timer_aggregator"];
  for (const { name, path, digest } of await buildComponents()) {
    const inspected = JSON.parse(await inspect(path, "--json"));
    assert.equal(inspected.digest, digest, name);
    assert.equal(inspected.world, name.endsWith("aggregator") ? "aggregator" : "operator", name);
    assert.deepEqual(inspected.permissions, {
      allowed_http_hosts: asksHttp.includes(name) ? "required" : "unused",
      // The engine that comes with every TypeScript component imports it.
      file_system: "optional",
      raw_sockets: "unused",
      dns_resolution: "unused",
    }, name);
  }
});

Deno.test("inspect tells a small component from a large one by its parts", async () => {
  const inspected = await inspectBytes(await operatorGuest({ body: "" }));
  assert.equal(inspected.world, "operator");
  assert.deepEqual(inspected.imports, []);
  assert.equal(inspected.permissions.file_system, "unused");
  assert.equal(inspected.core_modules.length, 1);
  assert.ok(inspected.core_modules[0].bytes < inspected.bytes);
});

Deno.test("inspect says why a component fits no world, and measures nothing then", async () => {
  const empty = await inspectBytes(await parse("(component)"));
  assert.equal(empty.world, null);
  assert.match(empty.misfit.message, /does not export "run"/);
  assert.equal(empty.instantiate, null);
});

Deno.test("inspect runs start functions metered and without a host, and says what came of them", async () => {
  const spinning = await inspectBytes(
    await operatorGuest({ body: "", fields: "(func $s (loop $l (br $l))) (start $s)" }),
  );
  assert.match(spinning.instantiate.error.code, /out_of_(?:time|fuel)/);
  const trapping = await inspectBytes(await operatorGuest({ body: "", fields: "(func $s unreachable) (start $s)" }));
  assert.equal(trapping.instantiate.error.code, "guest_trap");
});

Deno.test("inspect refuses what is no component by name", async () => {
  await assert.rejects(
    inspectBytes(new TextEncoder().encode("garbage")),
    (error) => isWavsError(error, "component_invalid"),
  );
  await assert.rejects(inspectBytes(await parse("(module)")), (error) => isWavsError(error, "component_invalid"));
});
