import type { Pollable } from "./io_poll.d.ts";

export interface Fields {
  append(name: string, value: Uint8Array): void;
  entries(): [name: string, value: Uint8Array][];
}

export type Method =
  | { tag: "get" | "head" | "post" | "put" | "delete" | "connect" | "options" | "trace" | "patch" }
  | { tag: "other"; val: string };

export type Scheme = { tag: "HTTP" | "HTTPS" } | { tag: "other"; val: string };

export interface ErrorCode {
  tag: string;
  val?: unknown;
}

export interface OutgoingRequest {
  setMethod(method: Method): void;
  setScheme(scheme: Scheme | null): void;
  setAuthority(authority: string | null): void;
  setPathWithQuery(pathWithQuery: string | null): void;
  body(): OutgoingBody;
}

export interface OutgoingBody {
  write(): OutputStream;
}

export interface OutputStream {
  checkWrite(): number;
  write(contents: Uint8Array): void;
  /** At most 4096 bytes. */
  blockingWriteAndFlush(contents: Uint8Array): void;
  flush(): void;
  subscribe(): Pollable;
  [Symbol.dispose](): void;
}

export interface InputStream {
  /** Throws the variant `stream-error` as `payload` of the error; `closed` marks the end. */
  read(length: number): Uint8Array;
  subscribe(): Pollable;
  [Symbol.dispose](): void;
}

export interface IncomingBody {
  stream(): InputStream;
  [Symbol.dispose](): void;
}

export interface IncomingResponse {
  status(): number;
  headers(): Fields;
  consume(): IncomingBody;
}

export interface FutureIncomingResponse {
  subscribe(): Pollable;
  get(): FutureResult | null;
}

/** Outer: taken before or not. Inner: the response, or why there is none. */
export type FutureResult =
  | { tag: "ok"; val: { tag: "ok"; val: IncomingResponse } | { tag: "err"; val: ErrorCode } }
  | { tag: "err" };

declare const types: {
  Fields: { new (): Fields };
  OutgoingRequest: { new (headers: Fields): OutgoingRequest };
  OutgoingBody: { finish(body: OutgoingBody, trailers: null): void };
};
export default types;
