import assert from "node:assert/strict";
import fc from "fast-check";
import type { RpcRequester } from "@/chains/mod.ts";
import { WavsError } from "@/domain/mod.ts";
import { eip1559Fees, gasLimit, highestPrice, raisedFees, readFees } from "./fees.ts";

/** Answers by method; what is missing is refused as an unknown method. */
function answering(answers: Record<string, unknown>): RpcRequester {
  return {
    request: (method) =>
      method in answers ? Promise.resolve(answers[method]) : Promise.reject(
        new WavsError("rpc_error", {
          message: "no such method",
          retryable: false,
          meta: { rpcCode: -32_601, rpcMessage: "no such method" },
        }),
      ),
  };
}

Deno.test("gas limit is the estimate and a quarter, rounded down", () => {
  assert.deepEqual([100_000n, 21_001n, 3n, 1n].map(gasLimit), [125_000n, 26_251n, 3n, 1n]);
});

Deno.test("gas limit stays exact where 32-bit floats do not", () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 60n }), (estimate) => {
    const limit = gasLimit(estimate);
    return limit * 4n <= estimate * 5n && (limit + 1n) * 4n > estimate * 5n;
  }));
});

Deno.test("the highest price covers a base fee that has doubled, tip included", () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 80n }), fc.bigInt({ min: 0n, max: 2n ** 60n }), (base, tip) => {
    return highestPrice(eip1559Fees(base, tip)) >= 2n * base + tip;
  }));
});

Deno.test("a given gas price makes a legacy transaction without asking the node", async () => {
  assert.deepEqual(await readFees(answering({}), 5n), { kind: "legacy", gasPrice: 5n });
});

Deno.test("the node's advice makes EIP-1559 fees", async () => {
  const rpc = answering({ eth_getBlockByNumber: { baseFeePerGas: "0x64" }, eth_maxPriorityFeePerGas: "0x3" });
  assert.deepEqual(await readFees(rpc, undefined), {
    kind: "eip1559",
    maxFeePerGas: 203n,
    maxPriorityFeePerGas: 3n,
  });
});

Deno.test("a node without advice on tips is asked for its gas price", async () => {
  const rpc = answering({ eth_getBlockByNumber: { baseFeePerGas: "0x64" }, eth_gasPrice: "0x66" });
  const fees = await readFees(rpc, undefined);
  assert.equal(fees.kind === "eip1559" && fees.maxPriorityFeePerGas, 2n);
});

Deno.test("a chain without a base fee gets a legacy price", async () => {
  const rpc = answering({ eth_getBlockByNumber: {}, eth_gasPrice: "0x7" });
  assert.deepEqual(await readFees(rpc, undefined), { kind: "legacy", gasPrice: 7n });
});

Deno.test("what replaces a transaction pays a tenth more at least in every part, and what the chain asks for by now", () => {
  const price = fc.bigInt({ min: 0n, max: 10n ** 12n });
  const fees = fc.oneof(
    fc.record({ kind: fc.constant("legacy" as const), gasPrice: price }),
    fc.tuple(price, price).map(([base, tip]) => eip1559Fees(base, tip)),
  );
  fc.assert(fc.property(fees, fees, (paid, advice) => {
    const raised = raisedFees(paid, advice);
    assert.equal(raised.kind, paid.kind);
    assert.ok(highestPrice(raised) * 10n >= highestPrice(paid) * 11n && highestPrice(raised) > highestPrice(paid));
    if (raised.kind === "eip1559" && paid.kind === "eip1559") {
      assert.ok(raised.maxPriorityFeePerGas * 10n >= paid.maxPriorityFeePerGas * 11n);
      assert.ok(raised.maxPriorityFeePerGas <= raised.maxFeePerGas);
      assert.ok(raised.maxFeePerGas >= highestPrice(advice));
    }
  }));
});
