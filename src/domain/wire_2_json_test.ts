import assert from "node:assert/strict";
import {
  checkChainConfigKey,
  decodeAggregatorAction,
  decodeAggregatorInput,
  decodeChainConfigFor,
  decodeChainConfigs,
  decodeComponent,
  type Decoder,
  decodeService,
  decodeSignerResponse,
  decodeTrigger,
  decodeTriggerConfig,
  decodeTriggerData,
  decodeWasmResponse,
  encodeAggregatorAction,
  encodeAggregatorInput,
  encodeChainConfig,
  encodeChainConfigs,
  encodeComponent,
  encodeService,
  encodeSignerResponse,
  encodeTrigger,
  encodeTriggerConfig,
  encodeTriggerData,
  encodeWasmResponse,
  isWavsError,
  type JsonValue,
  parseChainKey,
  parseJson,
  parseService,
  parseSubmission,
  printJson,
  printService,
  printSubmission,
} from "@/domain/mod.ts";
import { vectors, vectorTest } from "./testing/vectors.ts";

const OSMO = "osmo1h5qke5tzc0fgz93wcxg8da2en3advfect0gh4a";
const DIGEST = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const MANAGER = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
const b32 = (digits: string) => `0x${digits.repeat(32)}`;

const TRIGGERS = [
  `{"cosmos_contract_event":{"address":"${OSMO}","chain":"cosmos:osmosis-1","event_type":"push-message"}}`,
  `{"evm_contract_event":{"address":"${MANAGER}","chain":"evm:31337","event_hash":"0x86eacd23610d81706516de1ed0476c87772fdf939c7c771fbbd7f0230d619e68"}}`,
  '{"block_interval":{"chain":"evm:31337","n_blocks":10,"start_block":null,"end_block":null}}',
  '{"cron":{"schedule":"0 */5 * * * *","start_time":1700000000000000000,"end_time":null}}',
  '{"at_proto_event":{"collection":"app.bsky.feed.*","repo_did":null,"action":"create"}}',
  `{"hypercore_append":{"feed_key":"${"ab".repeat(32)}"}}`,
  '"manual"',
];

for (const text of TRIGGERS) {
  vectorTest("wire.md 2.3.1", `trigger ${text.slice(0, 40)}`, () => {
    roundTrips(text, decodeTrigger, encodeTrigger);
  });
  vectorTest("wire.md 2.3.1", `complete service with trigger ${text.slice(0, 40)}`, () => {
    const service = exampleService(text, '"none"');
    assert.equal(printService(parseService(service)), service);
  });
}

vectorTest("wire.md 2.4", "complete service with aggregator", () => {
  const component = exampleComponent(
    '"all"',
    "null",
    '{"chain":"evm:31337","service_handler":"0xe7f1725e7734ce288f8367e1bb143e90bb3f0512"}',
    "[]",
  );
  const submit =
    `{"aggregator":{"component":${component},"signature_kind":{"algorithm":"secp256k1","prefix":"eip191"}}}`;
  roundTrips(exampleService('"manual"', submit), decodeService, encodeService);
});

const TRIGGER_DATA = [
  `{"CosmosContractEvent":{"contract_address":"${OSMO}","chain":"cosmos:osmosis-1","event":{"type":"push-message","attributes":[{"key":"trigger-id","value":"1"}]},"block_height":1234,"event_index":7}}`,
  `{"EvmContractEvent":{"chain":"evm:31337","contract_address":"0x${"11".repeat(20)}","log_data":{"topics":["${
    b32("22")
  }","${b32("33")}"],"data":"0x010203"},"tx_hash":"${b32("44")}","block_number":12,"log_index":0,"block_hash":"${
    b32("55")
  }","block_timestamp":1700000000,"tx_index":1}}`,
  '{"BlockInterval":{"chain":"evm:31337","block_height":70000}}',
  '{"Cron":{"trigger_time":1700000000123456789}}',
  '{"AtProtoEvent":{"sequence":1,"timestamp":1700000000000000,"repo":"did:plc:abc","collection":"app.bsky.feed.post","rkey":"3k","action":"create","cid":"bafy","record":{"text":"hi"},"rev":"r1","op_index":0}}',
  '{"HypercoreAppend":{"feed_key":"abab","index":3,"data":[0,255,128]}}',
  '{"Raw":[104,101,108,108,111]}',
];

for (const text of TRIGGER_DATA) {
  vectorTest("wire.md 2.5", `trigger data ${text.slice(0, 24)}`, () => {
    roundTrips(text, decodeTriggerData, encodeTriggerData);
  });
}

vectorTest("wire.md 2.6", "trigger configuration", () => {
  roundTrips(
    `{"service_id":"${DIGEST}","workflow_id":"default","trigger":"manual"}`,
    decodeTriggerConfig,
    encodeTriggerConfig,
  );
});

vectorTest("wire.md 2.6", "response", () => {
  roundTrips('{"payload":"0x0102","ordering":5,"event_id_salt":"0x"}', decodeWasmResponse, encodeWasmResponse);
});

vectorTest("wire.md 2.6", "response without any field", () => {
  const empty = '{"payload":"0x","ordering":null,"event_id_salt":null}';
  assert.equal(printJson(encodeWasmResponse(decodeWasmResponse(parseJson("{}")))), empty);
});

vectorTest("wire.md 2.6", "aggregator input", () => {
  const config = `{"service_id":"${DIGEST}","workflow_id":"default","trigger":"manual"}`;
  const response = '{"payload":"0x","ordering":null,"event_id_salt":null}';
  roundTrips(
    `{"trigger_action":{"config":${config},"data":{"Raw":[]}},"operator_response":${response}}`,
    decodeAggregatorInput,
    encodeAggregatorInput,
  );
});

const ACTIONS = [
  `{"Submit":{"Evm":{"chain":"evm:31337","address":"${MANAGER}","gas_price":null}}}`,
  `{"Submit":{"Evm":{"chain":"evm:31337","address":"${MANAGER}","gas_price":7}}}`,
  `{"Submit":{"Cosmos":{"chain":"cosmos:x","address":"${OSMO}","gas_price":null}}}`,
  '{"Timer":{"delay":{"secs":5}}}',
];

for (const text of ACTIONS) {
  vectorTest("wire.md 2.7", `action ${text.slice(0, 20)}`, () => {
    roundTrips(text, decodeAggregatorAction, encodeAggregatorAction);
  });
}

const EVM_CHAIN =
  '{"type":"evm","chain_id":"31337","ws_endpoints":["ws://x"],"http_endpoint":"http://x","faucet_endpoint":null,"ws_priority_endpoint_index":null}';
const COSMOS_CHAIN =
  '{"type":"cosmos","chain_id":"pion-1","bech32_prefix":"neutron","rpc_endpoint":"http://y","grpc_endpoint":null,"gas_price":0.0053,"gas_denom":"untrn","faucet_endpoint":null}';

for (const [key, text] of [["evm:31337", EVM_CHAIN], ["cosmos:pion-1", COSMOS_CHAIN]] as const) {
  vectorTest("wire.md 2.8", `chain configuration of ${key}`, () => {
    roundTrips(text, decodeChainConfigFor(parseChainKey(key)), encodeChainConfig);
  });
}

vectorTest("wire.md 2.8", "tables of chains", () => {
  const withoutName = (text: string) => text.replace(/"type":"[a-z]+","chain_id":"[^"]+",/, "");
  const text = `{"cosmos":{"pion-1":${withoutName(COSMOS_CHAIN)}},"evm":{"31337":${
    withoutName(EVM_CHAIN)
  }},"dev":{"my-fork":${EVM_CHAIN}}}`;
  const configs = decodeChainConfigs(parseJson(text));
  assert.deepEqual([...configs.keys()], ["cosmos:pion-1", "dev:my-fork", "evm:31337"]);
  assert.equal(configs.get(parseChainKey("dev:my-fork"))?.chainId, "31337");
  assert.equal(printJson(encodeChainConfigs(configs.values())), text);
});

vectorTest("wire.md C.3", "complete submission", () => {
  assert.equal(printSubmission(parseSubmission(vectors.submission.json)), vectors.submission.json);
});

vectorTest("wire.md 3.1.2", "signer response", () => {
  const text = '{"secp256k1":{"hd_index":1,"evm_address":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8"}}';
  roundTrips(text, decodeSignerResponse, encodeSignerResponse);
});

Deno.test("each of the three chain tables may be absent", () => {
  assert.equal(decodeChainConfigs(parseJson("{}")).size, 0);
});

Deno.test("a chain id that no chain key may hold is refused with its path", () => {
  refusesAt(() => decodeChainConfigs(parseJson('{"evm":{"a b":{"ws_endpoints":[]}}}')), "evm.a b");
});

Deno.test("a chain configuration must fit its key unless the key is in dev", () => {
  const named = (key: string, text: string) => decodeChainConfigFor(parseChainKey(key))(parseJson(text));
  checkChainConfigKey(named("evm:31337", EVM_CHAIN));
  checkChainConfigKey(named("dev:anything", COSMOS_CHAIN));
  for (
    const [key, text] of [["evm:1", EVM_CHAIN], ["evm:pion-1", COSMOS_CHAIN], ["eip155:31337", EVM_CHAIN]] as const
  ) {
    assert.throws(
      () => checkChainConfigKey(named(key, text)),
      (error) => isWavsError(error, "chain_config_mismatch"),
      key,
    );
  }
});

Deno.test("an EVM address is read from an array of bytes and from text in any case", () => {
  const array = printJson(Array.from({ length: 20 }, () => 17n));
  const trigger = (address: string) =>
    decodeTrigger(
      parseJson(`{"evm_contract_event":{"address":${address},"chain":"evm:1","event_hash":"${b32("aa")}"}}`),
    );
  assert.deepEqual(trigger(array), trigger(`"${"11".repeat(20)}"`));
});

Deno.test("the address of a submit action may have spaces around it", () => {
  const action = parseJson(`{"Submit":{"Evm":{"chain":"evm:1","address":" ${MANAGER.toUpperCase().slice(2)} "}}}`);
  assert.equal(
    printJson(encodeAggregatorAction(decodeAggregatorAction(action))),
    `{"Submit":{"Evm":{"chain":"evm:1","address":"${MANAGER}","gas_price":null}}}`,
  );
});

Deno.test("a record is held in UTF-8 order of its keys and its last repeated key counts", () => {
  const data = decodeTriggerData(parseJson(
    '{"AtProtoEvent":{"sequence":-1,"timestamp":0,"repo":"","collection":"","rkey":"","action":"delete","record":{"\\ud83d\\ude00":1,"\\uffee":2,"a":1,"a":3.0}}}',
  ));
  assert.ok(data.kind === "AtProtoEvent" && data.record instanceof Map);
  assert.deepEqual([...data.record.keys()], ["a", "\uffee", "\u{1f600}"]);
  assert.match(printJson(encodeTriggerData(data)), /"record":\{"a":3\.0,"\uffee":2,"\u{1f600}":1\}/u);
});

Deno.test("workflows, config and env keys are held in UTF-8 order", () => {
  const component = exampleComponent(
    '"none"',
    "null",
    '{"\u{1f600}":"x","\uffee":"y"}',
    '["\u{1f600}","\uffee","a","a"]',
  );
  const service = parseService(
    `{"manager":{"evm":{"chain":"evm:1","address":"${MANAGER}"}},"status":"paused","name":"","workflows":{"zzz":${
      exampleWorkflow(component)
    },"aaa":${exampleWorkflow(component)}}}`,
  );
  assert.deepEqual([...service.workflows.keys()], ["aaa", "zzz"]);
  const { config, envKeys } = [...service.workflows.values()][0]?.component ?? {};
  assert.deepEqual([...config?.keys() ?? []], ["\uffee", "\u{1f600}"]);
  assert.deepEqual(envKeys, ["a", "\uffee", "\u{1f600}"]);
});

Deno.test("a component built out of order is printed in order", () => {
  const text = exampleComponent('"none"', "null", '{"a":"1","b":"2"}', '["a","b"]');
  const component = decodeComponent(parseJson(text));
  const config = new Map([["b", "2"], ["a", "1"]]);
  assert.equal(printJson(encodeComponent({ ...component, config, envKeys: ["b", "a", "b"] })), text);
});

Deno.test("an error names the path of what it cannot read", () => {
  const broken = exampleService('{"cron":{"schedule":5}}', '"none"');
  assert.throws(() => parseService(broken), {
    message: 'Cannot read "workflows.default.trigger.cron.schedule": expected a string, found the integer 5',
  });
});

function exampleService(trigger: string, submit: string): string {
  const component = exampleComponent(
    '{"only":["api.example.com"]}',
    "30",
    '{"key":"value"}',
    '["WAVS_ENV_API_KEY"]',
  );
  const workflow = `{"trigger":${trigger},"component":${component},"submit":${submit}}`;
  const manager = `{"evm":{"chain":"evm:31337","address":"${MANAGER}"}}`;
  return `{"name":"example","workflows":{"default":${workflow}},"status":"active","manager":${manager}}`;
}

function exampleWorkflow(component: string): string {
  return `{"trigger":"manual","component":${component},"submit":"none"}`;
}

function exampleComponent(hosts: string, timeLimit: string, config: string, envKeys: string): string {
  const permissions = `{"allowed_http_hosts":${hosts},"file_system":false,"raw_sockets":false,"dns_resolution":false}`;
  return `{"source":{"digest":"${DIGEST}"},"permissions":${permissions},"fuel_limit":null,` +
    `"time_limit_seconds":${timeLimit},"config":${config},"env_keys":${envKeys}}`;
}

function roundTrips<T>(text: string, decoder: Decoder<T>, encode: (value: T) => JsonValue): void {
  assert.equal(printJson(encode(decoder(parseJson(text)))), text);
}

function refusesAt(read: () => unknown, path: string): void {
  assert.throws(read, (error) => isWavsError(error, "invalid_value") && error.meta.path === path, path);
}
