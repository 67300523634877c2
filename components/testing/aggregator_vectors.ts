import { bech32 } from "@scure/base";
import { encodeText, fromHex } from "./bytes.ts";
import { evmEvent } from "./events.ts";
import { type ComponentVector, error, type ExpectedAnswer, raw, value } from "./vector.ts";

const EVM_HANDLER = "0x00000000000000000000000000000000DeaDBeef";
const COSMOS_HANDLER = bech32.encode("cosmos", bech32.toWords(new Uint8Array(20).fill(7)));

export const SIMPLE_AGGREGATOR_VECTORS: readonly ComponentVector[] = [
  aggregate("an EVM chain", { chain: "evm:31337", service_handler: EVM_HANDLER }, submitEvm("evm:31337")),
  aggregate(
    "an address without 0x",
    { chain: "evm:31337", service_handler: EVM_HANDLER.slice(2) },
    submitEvm("evm:31337"),
  ),
  aggregate(
    "a Cosmos chain",
    { chain: "cosmos:wasmd", service_handler: COSMOS_HANDLER },
    value([{
      tag: "submit",
      val: {
        tag: "cosmos",
        val: { chain: "cosmos:wasmd", address: { bech32Addr: COSMOS_HANDLER, prefixLen: 6 }, gasPrice: undefined },
      },
    }]),
  ),
  aggregate(
    "an unknown chain",
    { chain: "evm:1", service_handler: EVM_HANDLER },
    error("no chain config for evm:1"),
  ),
  aggregate("no chain", { service_handler: EVM_HANDLER }, error("chain config variable is required")),
  aggregate("no handler", { chain: "evm:31337" }, error("service_handler config variable is required")),
  aggregate(
    "half a byte too many",
    { chain: "evm:31337", service_handler: "0x123" },
    error("Failed to parse service handler address: odd number of digits"),
  ),
  aggregate(
    "a bad checksum",
    { chain: "cosmos:wasmd", service_handler: "cosmos1qqqq" },
    error("invalid bech32: 'cosmos1qqqq'"),
  ),
  {
    ...aggregate(
      "an event id of zeros",
      { chain: "evm:31337", service_handler: EVM_HANDLER },
      error("event id is all zeros"),
    ),
    eventId: new Uint8Array(20),
  },
  { ...aggregate("the timer", {}, value([])), exportName: "handle-timer-callback" },
  ...submitCallbacks("simple_aggregator"),
];

const HANDLER_CONFIG = { chain: "evm:31337", service_handler: EVM_HANDLER };

export const TIMER_AGGREGATOR_VECTORS: readonly ComponentVector[] = [
  wait("a delay", { timer_delay_secs: "5" }, value([{ tag: "timer", val: { delay: { secs: 5n } } }])),
  wait("no delay", {}, error("timer_delay_secs config variable is required")),
  wait(
    "an empty delay",
    { timer_delay_secs: "" },
    error("Failed to parse timer_delay_secs: cannot parse integer from empty string"),
  ),
  wait(
    "a delay that is no number",
    { timer_delay_secs: "soon" },
    error("Failed to parse timer_delay_secs: invalid digit found in string"),
  ),
  wait(
    "a delay of more than 64 bits",
    { timer_delay_secs: "18446744073709551616" },
    error("Failed to parse timer_delay_secs: number too large to fit in target type"),
  ),
  { ...wait("the timer, no event", HANDLER_CONFIG, submitEvm("evm:31337")), exportName: "handle-timer-callback" },
  {
    ...wait("the timer without handler", { chain: "evm:31337" }, error("service_handler config variable is required")),
    exportName: "handle-timer-callback",
  },
  {
    ...wait(
      "the timer, an event of a chain without endpoint",
      HANDLER_CONFIG,
      error("Could not get http endpoint for evm:31337"),
    ),
    exportName: "handle-timer-callback",
    data: evmEvent({ triggerId: 42, data: encodeText("hello") }),
  },
  {
    ...wait(
      "the timer, an event of an unknown chain",
      HANDLER_CONFIG,
      error("Could not get evm chain config for evm:1"),
    ),
    exportName: "handle-timer-callback",
    data: evmEvent({ triggerId: 42, data: encodeText("hello"), chain: "evm:1" }),
  },
  ...submitCallbacks("timer_aggregator"),
];

function submitCallbacks(component: string): ComponentVector[] {
  const callback = {
    component,
    exportName: "handle-submit-callback",
    data: raw("x"),
    expected: value(undefined),
  } as const;
  return [
    {
      ...callback,
      name: "a submission that worked",
      txResult: { tag: "ok", val: { tag: "evm", val: new Uint8Array(32) } },
    },
    { ...callback, name: "a submission that failed", txResult: { tag: "err", val: "Insufficient Quorum" } },
  ];
}

function aggregate(name: string, config: Record<string, string>, expected: ExpectedAnswer): ComponentVector {
  return { name, component: "simple_aggregator", exportName: "process-input", data: raw("x"), config, expected };
}

function wait(name: string, config: Record<string, string>, expected: ExpectedAnswer): ComponentVector {
  return { name, component: "timer_aggregator", exportName: "process-input", data: raw("x"), config, expected };
}

function submitEvm(chain: string): ExpectedAnswer {
  const rawBytes = fromHex("00000000000000000000000000000000deadbeef");
  return value([{ tag: "submit", val: { tag: "evm", val: { chain, address: { rawBytes }, gasPrice: undefined } } }]);
}
