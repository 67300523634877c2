import type { HostInterface } from "@/engine/component/types.ts";
import { MAX_POLL_LIST_ITEMS } from "./limits.ts";
import { type Readiness, untilAnyReady } from "./readiness.ts";
import type { GuestScope } from "./scope.ts";
import { trap } from "./trap.ts";

/** `wasi:io/poll`: a condition as the guest holds it. */
export class Pollable {
  readonly condition: Readiness;
  readonly #scope: GuestScope;

  constructor(condition: Readiness, scope: GuestScope) {
    this.condition = condition;
    this.#scope = scope;
  }

  ready(): boolean {
    return this.condition.ready();
  }

  block(): void | Promise<void> {
    if (this.condition.ready()) return;
    return this.#scope.wait(untilAnyReady([this.condition], this.#scope.signal));
  }
}

export function createPoll(scope: GuestScope): HostInterface {
  return {
    Pollable,
    poll: (pollables: readonly Pollable[]): Uint32Array | Promise<Uint32Array> => {
      if (pollables.length === 0) throw trap("it polled an empty list");
      if (pollables.length > MAX_POLL_LIST_ITEMS) {
        throw trap(`it polled "${pollables.length}" pollables at once, more than "${MAX_POLL_LIST_ITEMS}"`);
      }
      const ready = readyIndices(pollables);
      if (ready.length > 0) return ready;
      const conditions = pollables.map((pollable) => pollable.condition);
      return scope.wait(untilAnyReady(conditions, scope.signal).then(() => readyIndices(pollables)));
    },
  };
}

function readyIndices(pollables: readonly Pollable[]): Uint32Array {
  return Uint32Array.from(pollables.flatMap((pollable, index) => pollable.ready() ? [index] : []));
}
