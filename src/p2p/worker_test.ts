import assert from "node:assert/strict";
import { createContext, type Logger } from "@/context/mod.ts";
import { newRegistryChannel } from "@/domain/mod.ts";
import { grantedTo } from "@/link/testing/granted.ts";
import { startP2p } from "./mod.ts";
import { DEFAULTS, randomService } from "./testing/peers.ts";
import { topicOf } from "./topics.ts";
import { until } from "@tests/support/until.ts";

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };
const context = createContext({ log: SILENT, signal: new AbortController().signal });
const service = randomService();

function start() {
  return startP2p({
    config: DEFAULTS,
    seed: new Uint8Array(32).fill(7),
    version: "0.0.0",
    registryChannel: newRegistryChannel(),
    logLevel: "error",
  }, {
    context,
    handlers: {
      received: () => "accept",
      landed: () => {},
      submissions: () => [],
      registry: () => ({ revision: 1, services: [{ serviceId: service } as never], chains: [] }),
    },
  });
}

Deno.test("the worker that speaks to peers may use the network; of the machine it may ask for its addresses alone", async () => {
  assert.deepEqual(await grantedTo(start), ["net"]);
});

Deno.test("the worker joins what is registered and says where it is", async () => {
  const p2p = await start();
  try {
    await p2p.api.settled(1);
    const status = await p2p.api.status(undefined);
    assert.deepEqual([...status.topics], [[topicOf(service), 0]]);
    assert.match(status.localPeerId, /^12D3KooW/);
    assert.ok(status.listenAddresses.some((address) => address.endsWith(`/p2p/${status.localPeerId}`)));
    assert.equal(p2p.stats().restarts, 0);
    await until(
      "nobody hears it",
      async () => (await p2p.api.publish({ serviceId: service, bytes: new Uint8Array(1) })).peers === 0,
    );
  } finally {
    p2p.close();
  }
});
