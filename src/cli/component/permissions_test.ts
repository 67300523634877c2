import assert from "node:assert/strict";
import { permissionNeeds } from "./permissions.ts";

function needs(...interfaces: string[]) {
  const imports = interfaces.map((interfaceName) => ({ interfaceName, name: "f", signature: "()->_" }));
  return Object.fromEntries(permissionNeeds(imports).map(({ permission, need }) => [permission, need]));
}

Deno.test("HTTP is required by whoever imports it, in any version", () => {
  assert.equal(needs("wasi:http/types@0.2.9").allowed_http_hosts, "required");
  assert.equal(needs("wasi:io/poll@0.2.0", "host").allowed_http_hosts, "unused");
});

Deno.test("files, sockets and names are optional: without them the calls fail", () => {
  assert.equal(needs("wasi:filesystem/preopens@0.2.12").file_system, "optional");
  assert.equal(needs("wasi:filesystem/types@0.2.12").file_system, "unused", "without a directory to begin with");
  assert.equal(needs("wasi:sockets/udp-create-socket@0.2.0").raw_sockets, "optional");
  assert.equal(needs("wasi:sockets/ip-name-lookup@0.2.0").dns_resolution, "optional");
});
