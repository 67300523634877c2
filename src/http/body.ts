import { type Decoder, describeError, type JsonValue, parseJson } from "@/domain/mod.ts";
import { HttpRefusal } from "./errors.ts";

/** The content type of the three refusals of a JSON body. */
const TEXT = { "content-type": "text/plain; charset=utf-8" };

/**
 * Reads a body, giving up as soon as it is too long.
 *
 * @throws HttpRefusal 413
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLong = () => new HttpRefusal(413, "Failed to buffer the request body: length limit exceeded", TEXT);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLong();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw tooLong();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/**
 * Reads a JSON body of the given shape.
 *
 * @throws HttpRefusal 415, 413, 400, 422 with the texts of spec/wire.md 5.1
 */
export async function readJson<T>(request: Request, maxBytes: number, decoder: Decoder<T>): Promise<T> {
  if (!isJsonType(request.headers.get("content-type"))) {
    throw new HttpRefusal(415, "Expected request with `Content-Type: application/json`", TEXT);
  }
  const bytes = await readBody(request, maxBytes);
  let value: JsonValue;
  try {
    value = parseJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new HttpRefusal(400, `Failed to parse the request body as JSON: ${describeError(cause)}`, TEXT);
  }
  try {
    return decoder(value);
  } catch (cause) {
    const text = `Failed to deserialize the JSON body into the target type: ${describeError(cause)}`;
    throw new HttpRefusal(422, text, TEXT);
  }
}

function isJsonType(header: string | null): boolean {
  const type = (header ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || /^application\/[^/]+\+json$/.test(type);
}
