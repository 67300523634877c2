import { parseJson } from "../wavs/json.ts";

export interface CountRequest {
  readonly bucket: string;
  readonly key: string;
  /** Exact: a whole number of at most 53 bits. */
  readonly delta: number;
}

/** @throws Error `Failed to parse request: …` */
export function parseRequest(text: string): CountRequest {
  try {
    const request = parseJson(text).field("atomic_increment");
    const delta = request.field("delta").i64();
    if (!Number.isSafeInteger(Number(delta))) throw new Error(`delta ${delta} is beyond 53 bits`);
    return { bucket: request.field("bucket").string(), key: request.field("key").string(), delta: Number(delta) };
  } catch (error) {
    throw new Error(`Failed to parse request: ${error instanceof Error ? error.message : error}`);
  }
}
