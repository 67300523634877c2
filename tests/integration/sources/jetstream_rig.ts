import { testContext } from "@/chains/evm/testing/context.ts";
import { createJetstreamSource } from "@/triggers/jetstream/jetstream_source.ts";
import { ALICE, BOB, post, trigger } from "@/triggers/jetstream/testing/frames.ts";
import { JetstreamServer } from "@/triggers/jetstream/testing/jetstream_server.ts";
import { Relay } from "@tests/support/relay.ts";
import type { SourceRig } from "./compliance.ts";

/** A Jetstream server behind two endpoints; posts of two repositories. */
export function openJetstreamRig(): Promise<SourceRig> {
  const server = new JetstreamServer();
  const relays = [new Relay(server.port), new Relay(server.port)] as const;
  const endpoints = relays.map(({ port }) => `ws://127.0.0.1:${port}/subscribe`);
  const options = { endpoints, maxMessageBytes: 1_048_576 };
  let posts = 0;
  return Promise.resolve({
    open: () => createJetstreamSource(options, { context: testContext(20) }),
    trigger: (kind) => trigger({ repoDid: [ALICE, BOB][kind] }),
    happen: (count, kind = 0) => {
      for (let number = 0; number < count; number++) server.emit(post(posts++, [ALICE, BOB][kind]));
      return Promise.resolve();
    },
    happenLongAgo: (count) => {
      for (let number = 0; number < count; number++) server.emit(post(posts++), server.nowUs() - 60_000_000);
      return Promise.resolve();
    },
    cut: async () => {
      await Promise.all(relays.map((relay) => relay.cut()));
      return () => Promise.resolve(relays.forEach((relay) => relay.restore()));
    },
    failOver: () => relays[0].cut(),
    repeat: () => Promise.resolve(server.emit(post(posts - 1))),
    poison: () => Promise.resolve(["{", "[]", '{"did":1,"time_us":1}'].forEach((text) => server.say(text))),
    [Symbol.asyncDispose]: async () => {
      for (const relay of relays) await relay.cut();
      await server[Symbol.asyncDispose]();
    },
  });
}
