import { openBucket } from "./keyvalue.ts";
import { encodeText } from "./text.ts";
import type { TxResult } from "./types.ts";

/** Keeps how a submission ended where the sample aggregators keep it, for whoever looks (spec/engine.md 6.3). */
export function keepSubmitResult(result: TxResult): void {
  const bucket = openBucket("submit-result");
  bucket.set("completed", encodeText("true"));
  bucket.set("success", encodeText(String(result.tag === "ok")));
}
