import assert from "node:assert/strict";
import type { Clock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/mod.ts";
import type { HttpExchange, HttpRequest } from "../../wasi/http_backend.ts";

/** A request that is allowed a minute for everything. */
export function requestTo(url: string, changes: Partial<HttpRequest> = {}): HttpRequest {
  const timeouts = { connectMs: 60_000, firstByteMs: 60_000, betweenBytesMs: 60_000 };
  return { method: "GET", url, headers: [], body: "none", timeouts, ...changes };
}

/** A clock on which sleeps end when the test says so; nothing here asks it for the time. */
export function createManualClock(): Clock & { readonly passAll: (ms: number) => void } {
  const sleeps = new Map<() => void, number>();
  return {
    now: () => 0,
    monotonic: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleeps.delete(wake);
          resolve();
        };
        if (signal?.aborted) return resolve();
        sleeps.set(wake, ms);
        signal?.addEventListener("abort", wake, { once: true });
      }),
    /** Ends every sleep of exactly this length. */
    passAll: (ms) => [...sleeps].filter(([, length]) => length === ms).forEach(([wake]) => wake()),
  };
}

export async function readText(exchange: Pick<HttpExchange, "read">, maxBytes = 64 * 1024): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (let chunk = await exchange.read(maxBytes); chunk !== undefined; chunk = await exchange.read(maxBytes)) {
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** Asserts that `work` fails with this `wasi:http` error-code. */
export async function assertHttpError(work: Promise<unknown> | (() => unknown), code: string): Promise<void> {
  const promise = typeof work === "function" ? (async () => await work())() : work;
  await assert.rejects(promise, (error) => {
    assert.ok(isWavsError(error, "http_error"), String(error));
    assert.equal(error.meta.code, code, error.message);
    return true;
  });
}
