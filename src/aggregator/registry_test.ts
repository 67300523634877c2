import assert from "node:assert/strict";
import { isWavsError, newRegistryChannel, type RegistrySnapshot } from "@/domain/mod.ts";
import { RegistryMirror } from "./registry.ts";

const snapshot = (revision: number): RegistrySnapshot => ({ revision, services: [], chains: [] });

/** A main at a revision, and the revisions a mirror of it took over. */
function mirrorOf(main: { revision: number }) {
  const taken: number[] = [];
  let asked = 0;
  const registryChannel = newRegistryChannel();
  const heard = { listener: () => {} };
  const mirror = new RegistryMirror(registryChannel, () => {
    asked++;
    return Promise.resolve(snapshot(main.revision));
  }, ({ revision }) => {
    taken.push(revision);
    heard.listener();
  });
  return {
    registryChannel,
    mirror,
    taken,
    asked: () => asked,
    /** Resolves with the next change. */
    next: () => new Promise<void>((resolve) => heard.listener = resolve),
  };
}

Deno.test("the registry is asked for once when nothing has come yet", async () => {
  const { mirror, asked } = mirrorOf({ revision: 3 });
  using _ = mirror;
  assert.equal((await mirror.current()).revision, 3);
  await mirror.current();
  assert.equal(asked(), 1);
});

Deno.test("a broadcast is taken over, an older one is not", async () => {
  const { mirror, taken, next, registryChannel } = mirrorOf({ revision: 2 });
  using _ = mirror;
  await mirror.current();
  using stack = new DisposableStack();
  const channel = new BroadcastChannel(registryChannel);
  stack.defer(() => channel.close());
  const changed = next();
  channel.postMessage(snapshot(1));
  channel.postMessage(snapshot(5));
  await changed;
  assert.deepEqual(taken, [2, 5]);
});

Deno.test("a revision whose broadcast was missed is asked for", async () => {
  const main = { revision: 1 };
  const { mirror, taken } = mirrorOf(main);
  using _ = mirror;
  await mirror.atLeast(1);
  main.revision = 4;
  await mirror.atLeast(3);
  assert.deepEqual(taken, [1, 4]);
});

Deno.test("a revision main does not have is an error, not a wait without end", async () => {
  const { mirror } = mirrorOf({ revision: 1 });
  using _ = mirror;
  await assert.rejects(mirror.atLeast(2), (error) => isWavsError(error, "registry_behind") && error.retryable);
});
