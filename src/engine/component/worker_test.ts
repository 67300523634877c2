import assert from "node:assert/strict";
import { rawAction } from "@tests/support/raw_action.ts";
import { createComponentRuntime } from "./mod.ts";

/** Sends an artefact to a worker without permissions and returns what it answers. */
async function runInWorker(message: unknown): Promise<unknown> {
  const worker = new Worker(import.meta.resolve("./testing/bare_worker.ts"), {
    type: "module",
    deno: { permissions: "none" },
  });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(message);
    });
  } finally {
    worker.terminate();
  }
}

for (const name of ["direct", "jco"] as const) {
  Deno.test(`a component prepared by the ${name} runtime runs in a worker without permissions`, async () => {
    const runtime = await createComponentRuntime(name);
    const square = await Deno.readFile(new URL("../../../tests/fixtures/rust/square.wasm", import.meta.url));
    const artifact = await runtime.prepare(square, { asyncImports: new Set() });
    const action = rawAction(new TextEncoder().encode(`{"x":9}`));
    const payload = new TextEncoder().encode(`{"y":81}`);
    assert.deepEqual(await runInWorker({ artifact, action }), {
      answer: { tag: "ok", val: [{ payload, ordering: undefined, eventIdSalt: undefined }] },
    });
  });
}
