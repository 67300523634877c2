import assert from "node:assert/strict";
import {
  chainIdPart,
  chainNamespace,
  checksumAddress,
  compareChainKeys,
  componentDigestOf,
  cosmosAddressBytes,
  cosmosAddressOf,
  cosmosAddressPrefix,
  eventOrderOf,
  evmAddressOf,
  hexToBytes,
  isWavsError,
  parseBytes32,
  parseChainKey,
  parseComponentDigest,
  parseCosmosAddress,
  parseEventId,
  parseEvmAddress,
  parseHex,
  parseService,
  parseServiceId,
  parseWorkflowId,
  printService,
  serviceDigestOf,
  serviceIdOf,
  type ServiceManager,
  timestampNs,
  utf8Bytes,
} from "@/domain/mod.ts";
import { vectors, vectorTest } from "./testing/vectors.ts";

const OSMO_ADDRESS = "osmo1h5qke5tzc0fgz93wcxg8da2en3advfect0gh4a";

for (const { bytes_utf8, digest } of vectors.component_digest) {
  vectorTest("wire.md 1.1", `component "${bytes_utf8}"`, () => {
    assert.equal(componentDigestOf(utf8Bytes(bytes_utf8)), digest);
  });
}

for (const { kind, chain, address_bytes, service_id } of vectors.service_id) {
  vectorTest("wire.md 1.2", `service id of ${kind} manager ${address_bytes} on ${chain}`, () => {
    const key = parseChainKey(chain);
    const manager: ServiceManager = kind === "evm"
      ? { kind, chain: key, address: evmAddressOf(hexToBytes(address_bytes)) }
      : { kind: "cosmos", chain: key, address: cosmosAddressOf("osmo", hexToBytes(address_bytes)) };
    assert.equal(serviceIdOf(manager), service_id);
  });
}

vectorTest("wire.md 1.2", "the bech32 text of the Cosmos manager's bytes", () => {
  assert.equal(cosmosAddressOf("osmo", hexToBytes("bd016cd162c3d281162ec19076f5599c7ad62738")), OSMO_ADDRESS);
});

for (const [index, { canonical, digest }] of vectors.service_digest.entries()) {
  const where = index === 0 ? "wire.md 1.4" : "wire.md C.1";
  vectorTest(where, "service digest", () => assert.equal(serviceDigestOf(parseService(canonical)), digest));
  vectorTest(where, "canonical service text", () => assert.equal(printService(parseService(canonical)), canonical));
}

vectorTest("wire.md C.1", "canonical service text has 1028 bytes", () => {
  assert.equal(utf8Bytes(vectors.service_digest[1]?.canonical ?? "").length, 1028);
});

for (const { ordering, bytes12 } of vectors.event_order) {
  vectorTest("wire.md 1.7", `ordering ${ordering}`, () => {
    assert.equal(eventOrderOf(ordering === null ? undefined : BigInt(ordering)), bytes12);
  });
}

const ENGINE_SERVICE_IDS = [
  ["evm:noop", "44a823f081383aa42711daf686e2704d476dd35a9c12369757e8b07ef09b8494"],
  ["evm:exec", "014987c02391f52b36da64928a813f2801876ab98dc933104e5ff4a788fa1b85"],
  ["evm:anvil", "81d65d1d2feadff9092387a6fe8afca20350b7c16ad65ca1c3ad051f23bfcd5f"],
] as const;

for (const [chain, serviceId] of ENGINE_SERVICE_IDS) {
  vectorTest("engine.md 5.2", `service id of the zero address on ${chain}`, () => {
    const address = evmAddressOf(new Uint8Array(20));
    assert.equal(serviceIdOf({ kind: "evm", chain: parseChainKey(chain), address }), serviceId);
  });
}

Deno.test("hex is read with or without 0x, in either case, and never with 0X", () => {
  assert.equal(parseHex("0xAbCd"), "0xabcd");
  assert.equal(parseHex("AbCd"), "0xabcd");
  assert.equal(parseHex(""), "0x");
  for (const text of ["0Xab", "abc", "0xg0", "0x0xab", " ab"]) refuses(() => parseHex(text), text);
});

Deno.test("32-byte ids are written without 0x and read with or without", () => {
  const digits = "AB".repeat(32);
  assert.equal(parseServiceId(`0x${digits}`), digits.toLowerCase());
  assert.equal(parseComponentDigest(digits), digits.toLowerCase());
  assert.equal(parseBytes32(digits), `0x${digits.toLowerCase()}`);
  for (const text of ["", "ab", digits + "ab", "g".repeat(64)]) refuses(() => parseServiceId(text), text);
});

Deno.test("an event id is 20 bytes", () => {
  assert.equal(parseEventId("AB".repeat(20)), `0x${"ab".repeat(20)}`);
  refuses(() => parseEventId("ab".repeat(21)), "21 bytes");
});

Deno.test("a workflow id has 3 to 36 characters out of a-z, 0-9, _ and -", () => {
  for (const text of ["abc", "a-b_c9", "x".repeat(36), "0190b2f0-7a3e-7cc1-8b1e-9f1f0d3b2a11"]) {
    assert.equal(parseWorkflowId(text), text);
  }
  for (const text of ["ab", "x".repeat(37), "Abc", "a b", "abc\n", "ab٣"]) refuses(() => parseWorkflowId(text), text);
});

Deno.test("a chain key keeps the case of its id and splits at the colon", () => {
  const key = parseChainKey("cosmos:Pion_1");
  assert.equal(chainNamespace(key), "cosmos");
  assert.equal(chainIdPart(key), "Pion_1");
  assert.equal(parseChainKey("eip155:1"), "eip155:1");
  for (const text of ["evm", "evm:", ":1", "EVM:1", "evm:1:2", `evm:${"1".repeat(33)}`, "e_vm:1", "evm:1\n"]) {
    refuses(() => parseChainKey(text), text);
  }
});

Deno.test("chain keys order by namespace, then id", () => {
  const keys = ["evm:2", "dev:9", "evm-a:1", "evm:1"].map(parseChainKey);
  assert.deepEqual(keys.sort(compareChainKeys), ["dev:9", "evm:1", "evm:2", "evm-a:1"]);
});

Deno.test("an EVM address is read in any case without checking its checksum, and shown with one", () => {
  const address = parseEvmAddress("5FBDB2315678afecb367f032d93F642f64180AA3");
  assert.equal(address, "0x5fbdb2315678afecb367f032d93f642f64180aa3");
  assert.equal(checksumAddress(address), "0x5FbDB2315678afecb367f032d93F642f64180aa3");
  for (const text of ["0x5fbd", `${address}00`, "5fbdb2315678afecb367f032d93f642f64180aag"]) {
    refuses(() => parseEvmAddress(text), text);
  }
});

Deno.test("a Cosmos address is read in one case and kept in lower case", () => {
  const address = parseCosmosAddress(OSMO_ADDRESS.toUpperCase());
  assert.equal(address, OSMO_ADDRESS);
  assert.equal(cosmosAddressPrefix(address), "osmo");
  assert.deepEqual(cosmosAddressBytes(address), hexToBytes("bd016cd162c3d281162ec19076f5599c7ad62738"));
});

Deno.test("a Cosmos address with a wrong checksum, mixed case or the newer checksum is refused", () => {
  const bech32m = "a1lqfn3a";
  for (const text of [OSMO_ADDRESS.replace("h5q", "h6q"), `O${OSMO_ADDRESS.slice(1)}`, bech32m, "osmo1", ""]) {
    refuses(() => parseCosmosAddress(text), text);
  }
});

Deno.test("a Cosmos address of up to 255 bytes is read, a longer one is not", () => {
  const longest = cosmosAddressOf("wasm", new Uint8Array(255).fill(7));
  assert.equal(cosmosAddressBytes(parseCosmosAddress(longest)).length, 255);
  refuses(() => cosmosAddressOf("wasm", new Uint8Array(256)), "256 bytes");
});

Deno.test("a timestamp fits 64 bits", () => {
  assert.equal(timestampNs(2n ** 64n - 1n), 2n ** 64n - 1n);
  refuses(() => timestampNs(-1n), "-1");
  refuses(() => timestampNs(2n ** 64n), "2^64");
});

function refuses(parse: () => unknown, what: string): void {
  assert.throws(parse, (error) => isWavsError(error, "invalid_value"), what);
}
