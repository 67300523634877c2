import { type Clock, SETTLED } from "@/context/mod.ts";
import type { HostImports } from "@/engine/component/types.ts";
import { Pollable } from "./poll.ts";
import type { Readiness } from "./readiness.ts";
import type { GuestScope } from "./scope.ts";

const NS_PER_MS = 1_000_000;

/** `wasi:clocks`: the machine's clocks; the monotonic one starts near zero for each execution (spec/engine.md 2.5). */
export function createClocks(scope: GuestScope): HostImports {
  const { clock } = scope;
  const startedAtMs = clock.monotonic();
  const now = () => BigInt(Math.round((clock.monotonic() - startedAtMs) * NS_PER_MS));
  return {
    "wasi:clocks/monotonic-clock": {
      now,
      resolution: () => 1000n,
      subscribeInstant: (when: bigint) => new Pollable(alarm(clock, now, when), scope),
      subscribeDuration: (duration: bigint) => new Pollable(alarm(clock, now, now() + duration), scope),
    },
    "wasi:clocks/wall-clock": {
      now: () => datetime(clock.now()),
      resolution: () => ({ seconds: 0n, nanoseconds: NS_PER_MS }),
    },
  };
}

/** A point in time as WASI writes it. @param epochMs milliseconds since the Unix epoch */
export function datetime(epochMs: number): { readonly seconds: bigint; readonly nanoseconds: number } {
  const ms = Math.max(0, Math.trunc(epochMs));
  return { seconds: BigInt(Math.floor(ms / 1000)), nanoseconds: (ms % 1000) * NS_PER_MS };
}

/** The longest a timer of the platform can be set; longer waits are taken in steps. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function alarm(clock: Clock, now: () => bigint, when: bigint): Readiness {
  const leftMs = () => Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(Number(when - now()) / NS_PER_MS)));
  return {
    ready: () => now() >= when,
    onReady: (wake) => {
      const stopped = new AbortController();
      void clock.sleep(leftMs(), stopped.signal).then(() => {
        if (!stopped.signal.aborted) wake();
      });
      return () => stopped.abort(SETTLED);
    },
  };
}
