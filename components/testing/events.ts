import { encodeAbiParameters, hexToBytes } from "viem";
import { fromHex } from "./bytes.ts";

/** Keccak-256 of `NewTrigger(bytes)`. */
export const NEW_TRIGGER_TOPIC = "86eacd23610d81706516de1ed0476c87772fdf939c7c771fbbd7f0230d619e68";

export interface EvmEventOptions {
  readonly triggerId: number;
  readonly data: Uint8Array;
  /** Topic 0 as hex digits; default: that of `NewTrigger(bytes)`. */
  readonly topic?: string;
  /** Default: `evm:31337`. */
  readonly chain?: string;
}

/** The trigger data of an event the sample trigger contract emits, encoded by an independent implementation. */
export function evmEvent(options: EvmEventOptions): { tag: "evm-contract-event"; val: unknown } {
  const info = encodeAbiParameters(
    [{ type: "tuple", components: [{ type: "uint64" }, { type: "address" }, { type: "bytes" }] }],
    [[BigInt(options.triggerId), `0x${"11".repeat(20)}`, `0x${options.data.toHex()}`]],
  );
  return {
    tag: "evm-contract-event",
    val: {
      chain: options.chain ?? "evm:31337",
      log: {
        address: { rawBytes: new Uint8Array(20) },
        data: {
          topics: [fromHex(options.topic ?? NEW_TRIGGER_TOPIC)],
          data: hexToBytes(encodeAbiParameters([{ type: "bytes" }], [info])),
        },
        txHash: new Uint8Array(32),
        blockNumber: 5n,
        logIndex: 0n,
        blockHash: new Uint8Array(32),
        blockTimestamp: undefined,
        txIndex: 0n,
      },
    },
  };
}
