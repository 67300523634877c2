import outgoingHandler from "wasi:http/outgoing-handler@0.2.0";
import types from "wasi:http/types@0.2.0";
import poll from "wasi:io/poll@0.2.0";
import { concatBytes } from "./bytes.ts";
import { encodeText } from "./text.ts";
import type {
  FutureResult,
  IncomingResponse,
  InputStream,
  Method,
  OutgoingBody,
  OutgoingRequest,
  OutputStream,
} from "./bindings/http_types.d.ts";
import type { Pollable } from "./bindings/io_poll.d.ts";

/** How much of a body is asked for at a time. */
const READ_CHUNK_BYTES = 64 * 1024;

export interface HttpRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE" | "PATCH";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  readonly body: Uint8Array;
}

/**
 * Sends a request and waits for the whole answer. Redirects are not followed, a status is never an error.
 *
 * A component that imports this module needs the permission `allowed_http_hosts`, even when it sends nothing.
 *
 * @throws Error naming the WASI error code when there is no answer
 */
export function httpRequest(url: string, { method = "GET", headers = {}, body }: HttpRequest = {}): HttpResponse {
  const request = createRequest(url, method, headers);
  const outgoing = body === undefined ? undefined : { body: request.body(), contents: body };
  const future = outgoingHandler.handle(request, null);
  // Only now: nobody takes the bytes off the stream before the request is under way.
  if (outgoing !== undefined) writeBody(outgoing.body, outgoing.contents);
  wait(future.subscribe());
  const response = takeResponse(future.get(), url);
  return { status: response.status(), body: readBody(response) };
}

function createRequest(url: string, method: string, headers: Readonly<Record<string, string>>): OutgoingRequest {
  const parts = /^(https?):\/\/([^/?#]+)([^#]*)/i.exec(url);
  if (parts === null) throw new Error(`Cannot request "${url}" because it is no http or https URL`);
  const [, scheme = "", authority = "", path = ""] = parts;
  const fields = new types.Fields();
  for (const [name, value] of Object.entries(headers)) fields.append(name, encodeText(value));
  const request = new types.OutgoingRequest(fields);
  request.setMethod({ tag: method.toLowerCase() } as Method);
  request.setScheme({ tag: scheme.toLowerCase() === "https" ? "HTTPS" : "HTTP" });
  request.setAuthority(authority);
  request.setPathWithQuery(path.startsWith("/") ? path : `/${path}`);
  return request;
}

function writeBody(body: OutgoingBody, contents: Uint8Array): void {
  const stream = body.write();
  try {
    for (let offset = 0; offset < contents.length;) offset += writeSome(stream, contents.subarray(offset));
    stream.flush();
  } catch {
    throw new Error("Cannot send the body because the connection broke");
  }
  stream[Symbol.dispose]();
  types.OutgoingBody.finish(body, null);
}

/** Writes as much as there is room for, or waits for room. @returns bytes written */
function writeSome(stream: OutputStream, contents: Uint8Array): number {
  const room = Math.min(stream.checkWrite(), contents.length);
  if (room === 0) wait(stream.subscribe());
  else stream.write(contents.subarray(0, room));
  return room;
}

function takeResponse(result: FutureResult | null, url: string): IncomingResponse {
  if (result === null || result.tag === "err") throw new Error(`Cannot request "${url}" because the answer is gone`);
  if (result.val.tag === "err") throw new Error(`Cannot request "${url}" because of ${result.val.val.tag}`);
  return result.val.val;
}

function readBody(response: IncomingResponse): Uint8Array {
  // The body must outlive its stream, so both are let go in order.
  const body = response.consume();
  const stream = body.stream();
  const chunks: Uint8Array[] = [];
  for (let chunk = readChunk(stream); chunk !== undefined; chunk = readChunk(stream)) chunks.push(chunk);
  stream[Symbol.dispose]();
  body[Symbol.dispose]();
  return concatBytes(chunks);
}

/** The next bytes, or `undefined` at the end. */
function readChunk(stream: InputStream): Uint8Array | undefined {
  try {
    const chunk = stream.read(READ_CHUNK_BYTES);
    if (chunk.length === 0) wait(stream.subscribe());
    return chunk;
  } catch (error) {
    if ((error as { payload?: { tag?: string } }).payload?.tag === "closed") return undefined;
    throw new Error("Cannot read the answer because the connection broke");
  }
}

function wait(pollable: Pollable): void {
  poll.poll([pollable]);
  pollable[Symbol.dispose]();
}
