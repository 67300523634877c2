import assert from "node:assert/strict";
import { createContext, type Logger } from "@/context/mod.ts";
import { grantedTo, grantedWith } from "@/link/testing/granted.ts";
import { startSigner } from "./mod.ts";

const BOOT = {
  signingMnemonic: "test test test test test test test test test test test junk",
  aggregatorEvmCredential: undefined,
};

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };

Deno.test("the signer's worker is granted no permission at all", async () => {
  const context = createContext({ log: SILENT, signal: new AbortController().signal });
  assert.deepEqual(await grantedTo(() => startSigner(BOOT, { context })), []);
});

Deno.test("the permission probe notices what is granted", async () => {
  const granted = await grantedWith({ type: "module", deno: { permissions: { net: true, read: true } } });
  assert.deepEqual(granted, ["read", "net"]);
});
