import { describeError, WavsError } from "@/domain/mod.ts";
import { badStatus, tooLarge } from "./errors.ts";
import { MAX_REGISTRY_DOCUMENT_BYTES } from "./limits.ts";
import type { GetAnswer } from "./types.ts";

/**
 * The whole body.
 *
 * @throws WavsError `fetch_too_large`, `http_error`
 */
export async function readAll(answer: GetAnswer, what: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of upTo(answer.chunks, maxBytes, what)) chunks.push(chunk);
  return concat(chunks);
}

/** Passes chunks on until they are more than allowed. @throws WavsError `fetch_too_large` */
export async function* upTo(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  what: string,
): AsyncIterable<Uint8Array> {
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(what, maxBytes);
    yield chunk;
  }
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/**
 * A small JSON object somebody else wrote.
 *
 * @throws WavsError `fetch_status`, `fetch_too_large`, `registry_invalid`
 */
export async function readObject(
  answer: GetAnswer,
  what: string,
  maxBytes: number = MAX_REGISTRY_DOCUMENT_BYTES,
): Promise<Readonly<Record<string, unknown>>> {
  if (answer.status !== 200) throw badStatus(what, answer.status);
  const bytes = await readAll(answer, what, maxBytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw registryInvalid(what, describeError(cause));
  }
  const object = asObject(value);
  if (object === undefined) throw registryInvalid(what, "it is no JSON object");
  return object;
}

export function registryInvalid(what: string, why: string): WavsError {
  return new WavsError("registry_invalid", {
    message: `Cannot use what the registry answered for "${what}" because ${why}`,
    retryable: false,
    meta: { uri: what },
  });
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
