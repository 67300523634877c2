/**
 * What a component written in TypeScript needs besides its own logic.
 *
 * WASI interfaces come in modules of their own (`keyvalue.ts`, `clock.ts`, `environment.ts`, `http.ts`, `files.ts`), because a component
 * imports exactly the interfaces its source imports, and the node asks permission for some of them.
 *
 * @module
 */
export { parseEvmAddress } from "./addresses.ts";
export { decodeAbiBytes, encodeDataWithId, encodeMessageWithId, encodeWithId } from "./encoding.ts";
export { aggregator, type AggregatorHandlers, operator, Trap, trap } from "./exports.ts";
export { configVar, getEventId, log, requireConfigVar } from "./host.ts";
export { default as host } from "host";
export { exactInteger } from "./integers.ts";
export { decodeText, decodeUtf8, encodeText, fromHex, toHex } from "./text.ts";
export { textOperator } from "./text_operator.ts";
export { type DecodedTrigger, decodeTrigger } from "./trigger.ts";
export type * from "./types.ts";
