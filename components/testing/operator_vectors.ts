import { encodeText } from "./bytes.ts";
import { evmEvent, NEW_TRIGGER_TOPIC } from "./events.ts";
import {
  type ComponentVector,
  dataWithId,
  error,
  type ExpectedAnswer,
  payload,
  raw,
  rawBytes,
  toHexText,
  type WitVariant,
} from "./vector.ts";

const TRIGGER_42_HELLO = evmEvent({ triggerId: 42, data: encodeText("hello") });
const DWI_42_HELLO = dataWithId(42, "68656c6c6f");
const CRON: WitVariant = { tag: "cron", val: { triggerTime: { nanos: 1_700_000_000_000_000_000n } } };
const BLOCK: WitVariant = { tag: "block-interval", val: { chain: "evm:31337", blockHeight: 10n } };

export const SQUARE_VECTORS: readonly ComponentVector[] = [
  square("square of 5", raw('{"x":5}'), payload(dataWithId(0, toHexText('{"y":25}')))),
  square("unknown fields are ignored", raw('{"x":3,"y":1}'), payload(dataWithId(0, toHexText('{"y":9}')))),
  square("the product wraps at 64 bits", raw('{"x":4294967296}'), payload(dataWithId(0, toHexText('{"y":0}')))),
  square(
    "all 64 bits of the number count",
    raw('{"x":18446744073709551615}'),
    payload(dataWithId(0, toHexText('{"y":1}'))),
  ),
  square("a negative number", raw('{"x":-1}'), error("invalid value: integer `-1`, expected u64 at line 1 column 7")),
  square("no JSON", raw("nope"), error("expected ident at line 1 column 2")),
  square("nothing", raw(""), error("EOF while parsing a value at line 1 column 0")),
  square("a missing field", raw("{}"), error("missing field `x` at line 1 column 2")),
  square(
    "an EVM event",
    evmEvent({ triggerId: 1, data: encodeText('{"x":5}') }),
    payload(dataWithId(1, toHexText('{"y":25}'))),
  ),
  square("cron", CRON, error("Unsupported trigger data type")),
  {
    ...square("a Cosmos manager", raw('{"x":5}'), payload("0130087b2279223a32357d")),
    managerKind: "cosmos",
  },
];

export const ECHO_VECTORS: readonly ComponentVector[] = [
  echo("raw text", raw('{"x":12}'), payload("7b2278223a31327d")),
  echo("raw bytes that are no UTF-8", rawBytes("fffe00"), payload("fffe00")),
  echo("nothing", raw(""), payload("")),
  echo("an EVM event", TRIGGER_42_HELLO, payload(DWI_42_HELLO)),
  { ...echo("an EVM event, Cosmos manager", TRIGGER_42_HELLO, payload("0234320568656c6c6f")), managerKind: "cosmos" },
  echo("a Cosmos event", cosmosEvent("wasm-push-message"), payload(dataWithId(7, "68656c6c6f"))),
  echo("another Cosmos event", cosmosEvent("wasm-x"), error("Expected event type push-message, found wasm-x")),
  echo(
    "a hypercore block",
    { tag: "hypercore-append", val: { feedKey: "ab", index: 9n, data: encodeText("hi") } },
    payload(dataWithId(9, "6869")),
  ),
  echo(
    "an AT Protocol record",
    atProtoEvent(77n, '{"text":"hi"}'),
    payload(dataWithId(77, toHexText('{"text":"hi"}'))),
  ),
  echo("an AT Protocol event without record", atProtoEvent(77n, undefined), { kind: "trap" }),
  echo("a negative AT Protocol sequence", atProtoEvent(-1n, "{}"), { kind: "trap" }),
  echo(
    "an EVM event with another topic",
    evmEvent({ triggerId: 42, data: encodeText("hello"), topic: "00".repeat(32) }),
    error(
      'failed to decode event: invalid signature hash for event "NewTrigger(bytes)": ' +
        `got 0x${"00".repeat(32)}, expected 0x${NEW_TRIGGER_TOPIC}`,
    ),
  ),
  echo("block intervals", BLOCK, error("expected trigger data")),
  echo("cron", CRON, error("expected trigger data")),
  { ...echo("a config variable", raw("configvar:foo"), payload("626172")), config: { foo: "bar" } },
  echo("an absent config variable", raw("configvar:foo"), error("config var foo not found")),
  {
    ...echo("an environment variable", raw("envvar:WAVS_ENV_X"), payload("79")),
    environment: { WAVS_ENV_X: "y" },
  },
  echo("an absent environment variable", raw("envvar:WAVS_ENV_X"), error("env var WAVS_ENV_X not found")),
  {
    ...echo("a custom event id", raw("custom-event-id"), payload("", "68656c6c6f20776f726c6421")),
    config: { "event-id-salt": "hello world!" },
  },
  echo("a custom event id that is not configured", raw("custom-event-id"), { kind: "trap" }),
  {
    ...echo("two responses", raw("multi-response"), {
      kind: "responses",
      responses: [{ payload: "", salt: "31" }, { payload: "", salt: "32" }],
    }),
    config: { "event-id-salt-1": "1", "event-id-salt-2": "2" },
  },
  {
    ...echo("two responses, one without salt", raw("multi-response-bad"), {
      kind: "responses",
      responses: [{ payload: "", salt: "31" }, { payload: "" }],
    }),
    config: { "event-id-salt-1": "1" },
  },
  { ...echo("an event id of zeros", raw("x"), error("event id is all zeros")), eventId: new Uint8Array(20) },
  { ...echo("a short wait", raw("x"), payload("78")), config: { "sleep-ms": "1", "sleep-kind": "async" } },
  { ...echo("a short spin", raw("x"), payload("78")), config: { "sleep-ms": "1", "sleep-kind": "hotloop" } },
  {
    ...echo(
      "a wait of unknown kind",
      raw("x"),
      error("invalid or missing 'sleep-kind', must be 'async', 'sync', or 'hotloop'"),
    ),
    config: { "sleep-ms": "1" },
  },
  {
    ...echo("a wait that is no number", raw("x"), error("invalid sleep-ms ParseIntError { kind: InvalidDigit }")),
    config: { "sleep-ms": "soon", "sleep-kind": "async" },
  },
];

function square(name: string, data: WitVariant, expected: ExpectedAnswer): ComponentVector {
  return { name, component: "square", exportName: "run", data, expected };
}

function echo(name: string, data: WitVariant, expected: ExpectedAnswer): ComponentVector {
  return { name, component: "echo", exportName: "run", data, expected };
}

function cosmosEvent(type: string): WitVariant {
  return {
    tag: "cosmos-contract-event",
    val: {
      contractAddress: { bech32Addr: "wasm1xyz", prefixLen: 4 },
      chain: "cosmos:wasmd",
      event: { ty: type, attributes: [["data", "68656C6c6f"], ["unrelated", "1"], ["trigger-id", "7"]] },
      eventIndex: 0n,
      blockHeight: 5n,
    },
  };
}

function atProtoEvent(sequence: bigint, recordData: string | undefined): WitVariant {
  return {
    tag: "atproto-event",
    val: {
      sequence,
      timestamp: 1_700_000_000_000_000n,
      repo: "did:plc:abc",
      collection: "app.bsky.feed.post",
      rkey: "1",
      action: "create",
      cid: undefined,
      recordData,
      rev: undefined,
      opIndex: undefined,
    },
  };
}
