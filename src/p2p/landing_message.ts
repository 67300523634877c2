import {
  type Bytes32,
  type ChainKey,
  describeError,
  type EventId,
  type EvmAddress,
  parseBytes32,
  parseChainKey,
  parseEventId,
  parseEvmAddress,
  utf8Bytes,
  WavsError,
} from "@/domain/mod.ts";
import { MAX_LANDING_MESSAGE_BYTES } from "./limits.ts";

/** A transaction that is to bring an event to a handler, as one operator tells the others. */
export interface LandingMessage {
  readonly chain: ChainKey;
  readonly handler: EvmAddress;
  readonly eventId: EventId;
  readonly txHash: Bytes32;
  /** The signing key of who sends it, by its own word. */
  readonly operator: EvmAddress;
}

/** `{"chain":"evm:1","handler":"0x…","event_id":"0x…","tx_hash":"0x…","operator":"0x…"}`: a format of this node's own. */
export function encodeLandingMessage(
  { chain, handler, eventId, txHash, operator }: LandingMessage,
): Uint8Array<ArrayBuffer> {
  return utf8Bytes(JSON.stringify({ chain, handler, event_id: eventId, tx_hash: txHash, operator }));
}

/** @throws WavsError `landing_message_malformed` */
export function decodeLandingMessage(bytes: Uint8Array): LandingMessage {
  if (bytes.length > MAX_LANDING_MESSAGE_BYTES) throw malformed(`it has ${bytes.length} bytes`);
  try {
    const { chain, handler, event_id, tx_hash, operator } = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    );
    return {
      chain: parseChainKey(chain),
      handler: parseEvmAddress(handler),
      eventId: parseEventId(event_id),
      txHash: parseBytes32(tx_hash),
      operator: parseEvmAddress(operator),
    };
  } catch (cause) {
    throw malformed(describeError(cause), cause);
  }
}

function malformed(why: string, cause?: unknown): WavsError {
  return new WavsError("landing_message_malformed", {
    message: `Cannot read the announcement of a transaction because ${why}`,
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
