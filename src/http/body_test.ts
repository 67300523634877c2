import assert from "node:assert/strict";
import type { Clock } from "@/context/mod.ts";
import { BodyReader } from "./body.ts";
import { HttpRefusal } from "./errors.ts";

/** A clock whose sleeps end when the test says so. */
function heldClock(): { readonly clock: Clock; elapse(): void } {
  const waiting = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        waiting.add(resolve);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
  return { clock, elapse: () => waiting.forEach((end) => end()) };
}

/** A body that has begun and does not go on. */
function stalled(): Request {
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(3)) });
  return new Request("http://node/", { method: "POST", body });
}

function refusedWith(status: number): (error: unknown) => boolean {
  return (error) => error instanceof HttpRefusal && error.status === status;
}

Deno.test("a body that stops arriving is refused when its time is over", async () => {
  const { clock, elapse } = heldClock();
  const reading = new BodyReader({ maxBytes: 10 }, { clock }).bytes(stalled());
  elapse();
  await assert.rejects(reading, refusedWith(408));
});

Deno.test("a body is let go of as soon as it is too long", async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(4)),
    cancel: () => void (isCancelled = true),
  });
  const reader = new BodyReader({ maxBytes: 10 }, { clock: heldClock().clock });
  await assert.rejects(reader.bytes(new Request("http://node/", { method: "POST", body })), refusedWith(413));
  assert.ok(isCancelled);
});

Deno.test("unfinished bodies share one limit, and a refused one makes room again", async () => {
  const { clock, elapse } = heldClock();
  const maxBytes = 300 * 1024 * 1024;
  const reader = new BodyReader({ maxBytes }, { clock });
  const half = () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(maxBytes / 2 + 1)),
    });
    return new Request("http://node/", { method: "POST", body });
  };
  const first = reader.bytes(half());
  await assert.rejects(reader.bytes(half()), refusedWith(503));
  elapse();
  await assert.rejects(first, refusedWith(408));
  const whole = new Request("http://node/", { method: "POST", body: new Uint8Array(5) });
  assert.equal((await reader.bytes(whole)).length, 5);
});
