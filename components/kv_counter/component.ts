/**
 * Counts in key-value storage, with the request the reference's `kv_store` has for it (spec/engine.md 6.3).
 *
 * @module
 */
import { exactInteger, textOperator } from "../wavs/mod.ts";
import { openBucket } from "../wavs/keyvalue.ts";
import { parseRequest } from "./request.ts";

export const run = textOperator((text) => {
  const { bucket, key, delta } = parseRequest(text);
  const value = openBucket(bucket).increment(key, delta);
  return `{"atomic_increment":{"value":${exactInteger(value, "value")}}}`;
});
