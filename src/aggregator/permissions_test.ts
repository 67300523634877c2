import assert from "node:assert/strict";
import { type ChainConfig, type EvmChainConfig, parseChainKey, REFERENCE_READING } from "@/domain/mod.ts";
import { chainPermissions } from "./permissions.ts";

function chain(wsEndpoints: readonly string[], httpEndpoint?: string): EvmChainConfig {
  return {
    kind: "evm",
    key: parseChainKey("evm:1"),
    chainId: "1",
    wsEndpoints,
    httpEndpoint,
    faucetEndpoint: "https://faucet.example",
    wsPriorityEndpointIndex: undefined,
    reading: REFERENCE_READING,
  };
}

function netOf(...chains: ChainConfig[]): Deno.PermissionOptionsObject["net"] {
  return chainPermissions(chains).net;
}

Deno.test("the network is reachable only at the endpoints of chains, each with its port", () => {
  const first = chain(["wss://a.example/key", "ws://b.example:8546"], "https://a.example");
  const second = chain([], "http://[::1]:8545");
  assert.deepEqual(netOf(first, second), ["a.example:443", "b.example:8546", "[::1]:8545"]);
  assert.deepEqual(netOf(chain(["ws://c.example"], "http://c.example")), ["c.example:80"]);
});

Deno.test("without chains there is no network, and never anything else", () => {
  const { net, ...others } = chainPermissions([]);
  assert.equal(net, false);
  assert.deepEqual(new Set(Object.values(others)), new Set([false]));
  assert.deepEqual(Object.keys(others).sort(), ["env", "ffi", "import", "read", "run", "sys", "write"]);
});

Deno.test("an endpoint that is no URL grants nothing", () => {
  assert.equal(netOf(chain(["nonsense"], "")), false);
});
