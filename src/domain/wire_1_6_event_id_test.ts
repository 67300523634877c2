import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BincodeWriter,
  bytesToBareHex,
  bytesToHex,
  decodeTriggerData,
  eventIdOf,
  eventSalt,
  hexToBytes,
  type JsonObject,
  jsonObject,
  type JsonValue,
  parseChainKey,
  parseJson,
  parseServiceId,
  parseWorkflowId,
  timestampNs,
  type TriggerData,
  triggerDataSalt,
  utf8Bytes,
} from "@/domain/mod.ts";
import { bytes, triggerData } from "./testing/arbitraries.ts";
import { vectors, vectorTest } from "./testing/vectors.ts";

const { event_id: table } = vectors;
const IDENTITY = {
  serviceId: parseServiceId(table.service_id),
  workflowId: parseWorkflowId(table.workflow_id),
};

for (const row of table.from_trigger_data) {
  const data = decodeTriggerData(triggerDataJson(row.data));
  vectorTest("wire.md 1.6.5", `salt of ${row.name}`, () => {
    assert.equal(bytesToBareHex(triggerDataSalt(data)), row.salt);
  });
  vectorTest("wire.md 1.6.5", `event id of ${row.name}`, () => {
    assert.equal(eventIdOf({ ...IDENTITY, salt: eventSalt(data, undefined) }), row.event_id);
  });
}

for (const { salt, event_id } of table.from_explicit_salt) {
  vectorTest("wire.md 1.6.5", `event id of the explicit salt "${salt}"`, () => {
    const raw: TriggerData = { kind: "Raw", data: utf8Bytes("ignored") };
    assert.equal(eventIdOf({ ...IDENTITY, salt: eventSalt(raw, hexToBytes(salt)) }), event_id);
  });
}

vectorTest("wire.md C.2", "second AT Protocol event", () => {
  const { service_id, workflow_id, salt, event_id, data } = table.second_atproto;
  const decoded = decodeTriggerData(triggerDataJson({ AtProtoEvent: { sequence: 9, timestamp: 9, ...data } }));
  assert.equal(bytesToBareHex(triggerDataSalt(decoded)), salt);
  const identity = { serviceId: parseServiceId(service_id), workflowId: parseWorkflowId(workflow_id) };
  assert.equal(eventIdOf({ ...identity, salt: triggerDataSalt(decoded) }), event_id);
});

for (const { value, hex } of vectors.varint_probes) {
  vectorTest("wire.md 1.6.5", `varint of block height ${value}`, () => {
    const data: TriggerData = {
      kind: "BlockInterval",
      chain: parseChainKey("evm:31337"),
      blockHeight: BigInt(value),
    };
    assert.equal(bytesToBareHex(triggerDataSalt(data)), `020965766d3a3331333337${hex}`);
  });
}

vectorTest("wire.md 1.6.5", "raw data of 300 bytes", () => {
  const salt = triggerDataSalt({ kind: "Raw", data: new Uint8Array(300) });
  assert.equal(bytesToBareHex(salt.subarray(0, 4)), "06fb2c01");
  assert.equal(salt.length, 304);
});

const ENGINE_IDENTITY = {
  serviceId: parseServiceId("44a823f081383aa42711daf686e2704d476dd35a9c12369757e8b07ef09b8494"),
  workflowId: parseWorkflowId("workflow-1"),
};

const ENGINE_TRIGGER_DATA: readonly (readonly [string, TriggerData, string, string])[] = [
  ["raw, empty", { kind: "Raw", data: new Uint8Array() }, "0600", "ed543648bcbf03def416212904aaa62703c83457"],
  [
    'raw {"x":5}',
    { kind: "Raw", data: utf8Bytes('{"x":5}') },
    "06077b2278223a357d",
    "a480ec8b1ae5ac0583984dee3de7da049bdef972",
  ],
  [
    "block interval @10",
    { kind: "BlockInterval", chain: parseChainKey("evm:31337"), blockHeight: 10n },
    "020965766d3a33313333370a",
    "0b464301d56aede9cda145e49a097623d27f49db",
  ],
  [
    "cron 1700000000000000000",
    { kind: "Cron", triggerTime: timestampNs(1700000000000000000n) },
    "03fd00002a36fe9c9717",
    "83ecd9fcb0653cd4a235ff346f379884d2a4262e",
  ],
  [
    "hypercore feed ab, index 9",
    { kind: "HypercoreAppend", feedKey: "ab", index: 9n, data: utf8Bytes("hi") },
    "0502616209026869",
    "ca4ce364917a1f762bc5d58c8082d2c296ebaaaf",
  ],
];

for (const [name, data, salt, eventId] of ENGINE_TRIGGER_DATA) {
  vectorTest("engine.md 5.2", `salt of ${name}`, () => {
    assert.equal(bytesToBareHex(triggerDataSalt(data)), salt);
  });
  vectorTest("engine.md 5.2", `event id of ${name}`, () => {
    assert.equal(eventIdOf({ ...ENGINE_IDENTITY, salt: triggerDataSalt(data) }), `0x${eventId}`);
  });
}

const ENGINE_SALTS = [
  ["hello world!", "1e5d49277f0a6dae96cfb89bd41e258e1d50b182"],
  ["", "dea4c68d27a30893f29eae8a4bdafee2ddd5937d"],
] as const;

for (const [salt, eventId] of ENGINE_SALTS) {
  vectorTest("engine.md 5.2", `event id of the explicit salt "${salt}"`, () => {
    assert.equal(eventIdOf({ ...ENGINE_IDENTITY, salt: utf8Bytes(salt) }), `0x${eventId}`);
  });
}

Deno.test("an AT Protocol record gives one salt whatever the order of its keys and its relay's sequence", () => {
  const saltOf = (record: string, sequence: number) =>
    bytesToHex(triggerDataSalt(decodeTriggerData(triggerDataJson({
      AtProtoEvent: {
        sequence,
        timestamp: sequence,
        repo: "r",
        collection: "c",
        rkey: "k",
        action: "create",
        record_json: record,
      },
    }))));
  assert.equal(saltOf('{"a":1,"b":{"x":1,"y":2}}', 1), saltOf('{"b":{"y":2,"x":1},"a":1}', 2));
  assert.notEqual(saltOf('{"a":1}', 1), saltOf('{"a":1.0}', 1));
});

Deno.test("a salt sorts a record that nobody has sorted yet", () => {
  const withRecord = (record: JsonValue): TriggerData => ({
    kind: "AtProtoEvent",
    sequence: 1n,
    timestamp: 1n,
    repo: "r",
    collection: "c",
    rkey: "k",
    action: "create",
    cid: undefined,
    record,
    rev: undefined,
    opIndex: undefined,
  });
  const sorted = triggerDataSalt(withRecord(jsonObject({ a: 1n, b: 2n })));
  assert.deepEqual(triggerDataSalt(withRecord(jsonObject({ b: 2n, a: 1n }))), sorted);
});

Deno.test("an integer beyond 64 bits is a double in a salt", () => {
  const writer = new BincodeWriter().float(2 ** 64);
  const data = decodeTriggerData(triggerDataJson({
    AtProtoEvent: {
      sequence: 1,
      timestamp: 1,
      repo: "",
      collection: "",
      rkey: "",
      action: "delete",
      record_json: "18446744073709551616",
    },
  }));
  assert.equal(bytesToBareHex(triggerDataSalt(data)), `00000002${"00"}01${bytesToBareHex(writer.finish())}0000`);
});

Deno.test("signed integers are zig-zagged", () => {
  const zigzag = (value: bigint) => bytesToBareHex(new BincodeWriter().signed(value).finish());
  assert.deepEqual([0n, -1n, 1n, -2n, -126n].map(zigzag), ["00", "01", "02", "03", "fbfb00"]);
  assert.equal(zigzag(-(2n ** 63n)), "fdffffffffffffffff");
});

Deno.test("trigger data that differs gives salts that differ", () => {
  fc.assert(fc.property(bytes(), bytes(), (left, right) => {
    fc.pre(bytesToHex(left) !== bytesToHex(right));
    const [a, b] = [left, right].map((data) => bytesToHex(triggerDataSalt({ kind: "Raw", data })));
    assert.notEqual(a, b);
  }));
});

Deno.test("a salt does not change on the way through another isolate", () => {
  fc.assert(fc.property(triggerData(), (data) => {
    assert.deepEqual(triggerDataSalt(structuredClone(data)), triggerDataSalt(data));
  }));
});

/** The fixture writes large integers as strings and records as JSON text, so that plain JSON can hold them. */
function triggerDataJson(fixture: unknown): JsonValue {
  const json = parseJson(JSON.stringify(fixture)) as JsonObject;
  const [kind = "", fields] = [...json][0] ?? [];
  return jsonObject({ [kind]: fields instanceof Map ? new Map([...fields].map(restore)) : fields });
}

function restore([key, value]: [string, JsonValue]): [string, JsonValue] {
  if (key === "trigger_time" && typeof value === "string") return [key, BigInt(value)];
  if (key === "record_json") return ["record", typeof value === "string" ? parseJson(value) : null];
  return [key, value];
}
