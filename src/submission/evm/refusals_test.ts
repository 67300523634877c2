import assert from "node:assert/strict";
import { classifyRefusal, type Refusal } from "./refusals.ts";

/** The words of real nodes. */
const WORDINGS: readonly (readonly [string, Refusal])[] = [
  ["already known", "known"],
  ["AlreadyKnown", "known"],
  ["Known transaction", "known"],
  ["transaction already imported", "known"],
  ["nonce too low", "nonce_used"],
  ["nonce too low: next nonce 5, tx nonce 4", "nonce_used"],
  ["OldNonce, Current nonce: 5, nonce of rejected tx: 4", "nonce_used"],
  ["replacement transaction underpriced", "nonce_taken"],
  ["ReplacementNotAllowed", "nonce_taken"],
  ["could not replace existing tx", "nonce_taken"],
  ["insufficient funds for gas * price + value: balance 0, tx cost 1, overshot 1", "insufficient_funds"],
  ["Insufficient funds for gas * price + value", "insufficient_funds"],
  ["Upfront cost exceeds account balance", "insufficient_funds"],
  ["transaction underpriced", "underpriced"],
  ["max fee per gas less than block base fee: address 0x1, maxFeePerGas: 1, baseFee: 2", "underpriced"],
  ["FeeTooLow, MaxFeePerGas too low", "underpriced"],
  ["unknown transaction type", "other"],
  ["txpool is full", "other"],
  ["intrinsic gas too low", "other"],
];

for (const [wording, refusal] of WORDINGS) {
  Deno.test(`"${wording}" is ${refusal}`, () => assert.equal(classifyRefusal(wording), refusal));
}
