import assert from "node:assert/strict";
import { createContext, type Logger } from "@/context/mod.ts";
import { startSigner } from "./mod.ts";

const BOOT = {
  signingMnemonic: "test test test test test test test test test test test junk",
  aggregatorEvmCredential: undefined,
};

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };

/** The options `startSigner` really gives its worker. */
async function workerOptionsOfSigner(): Promise<WorkerOptions> {
  const RealWorker = globalThis.Worker;
  const seen: WorkerOptions[] = [];
  globalThis.Worker = class extends RealWorker {
    constructor(entry: string | URL, options?: WorkerOptions) {
      super(entry, options);
      seen.push(options ?? {});
    }
  };
  try {
    const signer = await startSigner(BOOT, {
      context: createContext({ log: SILENT, signal: new AbortController().signal }),
    });
    signer.close();
  } finally {
    globalThis.Worker = RealWorker;
  }
  assert.equal(seen.length, 1);
  return seen[0] ?? {};
}

async function grantedWith(options: WorkerOptions): Promise<unknown> {
  const worker = new Worker(new URL("./testing/permission_probe.ts", import.meta.url), options);
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
  } finally {
    worker.terminate();
  }
}

Deno.test("the signer's worker is granted no permission at all", async () => {
  const options = await workerOptionsOfSigner();
  assert.deepEqual(await grantedWith(options), []);
});

Deno.test("the permission probe notices what is granted", async () => {
  const granted = await grantedWith({ type: "module", deno: { permissions: { net: true, read: true } } });
  assert.deepEqual(granted, ["read", "net"]);
});
