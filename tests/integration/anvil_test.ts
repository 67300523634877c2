import assert from "node:assert/strict";
import { isWavsError } from "@/domain/errors.ts";
import { type Anvil, startAnvil } from "@tests/support/anvil.ts";
import { freePort } from "@tests/support/free_port.ts";

/** Long enough for a healthy anvil to answer, short enough to wait for one that hangs. */
const ANSWER_TIMEOUT_MS = 1_000;

async function blockNumber(anvil: Anvil): Promise<string> {
  const request = { jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] };
  const response = await fetch(anvil.httpUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  return (await response.json()).result;
}

Deno.test("anvil listens on the port it was given and frees it when stopped", async () => {
  const port = freePort();
  const anvil = await startAnvil({ port });
  assert.equal(anvil.port, port);
  assert.equal(await blockNumber(anvil), "0x0");
  assert.match(anvil.logTail(), /eth_blockNumber/);
  assert.equal((await anvil.stop()).code, 0);
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }), Deno.errors.ConnectionRefused);
});

Deno.test("two anvils choose ports of their own", async () => {
  await using first = await startAnvil();
  await using second = await startAnvil({ chainId: 31_338 });
  assert.notEqual(first.port, second.port);
  assert.equal(second.chainId, 31_338);
});

Deno.test("a paused anvil hangs and answers again when resumed", async () => {
  await using anvil = await startAnvil();
  anvil.pause();
  await assert.rejects(blockNumber(anvil), { name: "TimeoutError" });
  anvil.resume();
  assert.equal(await blockNumber(anvil), "0x0");
});

Deno.test("a paused anvil can be stopped, and stopped again", async () => {
  const anvil = await startAnvil();
  anvil.pause();
  await anvil.stop();
  await anvil.stop();
});

Deno.test("a killed anvil reports the signal", async () => {
  await using anvil = await startAnvil();
  assert.equal((await anvil.stop("SIGKILL")).signal, "SIGKILL");
});

Deno.test("an anvil that ends at once fails the start with what it said", async () => {
  await assert.rejects(
    startAnvil({ args: ["--no-such-option"] }),
    (error) => isWavsError(error, "anvil_start_failed") && error.message.includes("--no-such-option"),
  );
});

Deno.test("a missing executable fails the start and names its path", async () => {
  await assert.rejects(
    startAnvil({ executable: "/nowhere/anvil" }),
    (error) => isWavsError(error, "anvil_start_failed") && error.message.includes("/nowhere/anvil"),
  );
});
