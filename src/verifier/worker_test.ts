import assert from "node:assert/strict";
import { createContext, type Logger } from "@/context/mod.ts";
import { utf8Bytes } from "@/domain/mod.ts";
import { vectors } from "@/domain/testing/vectors.ts";
import { grantedTo } from "@/link/testing/granted.ts";
import { startVerifier } from "./mod.ts";

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };
const context = createContext({ log: SILENT, signal: new AbortController().signal });
const start = () => startVerifier({ logLevel: "error" }, { context });

Deno.test("the verifier's worker is granted no permission at all", async () => {
  assert.deepEqual(await grantedTo(start), []);
});

Deno.test("the verifier verifies in its worker, and survives what is hostile there", async () => {
  const verifier = await start();
  try {
    const hostile = await verifier.api.verify(utf8Bytes("[".repeat(65_536)));
    assert.equal(hostile.kind === "refused" && hostile.code, "submission_malformed");
    const sound = await verifier.api.verify(utf8Bytes(vectors.submission.json));
    assert.equal(sound.kind === "verified" && sound.submission.signer, vectors.submission.signer.toLowerCase());
    assert.equal(verifier.stats().restarts, 0);
  } finally {
    verifier.close();
  }
});
