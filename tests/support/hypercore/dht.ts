import "@/triggers/hypercore/sodium.ts";
import { once } from "node:events";
import createDht from "@hyperswarm/dht";

/** A node of the older DHT that others begin with: on its own, it is the whole network. */
export interface LocalDht extends AsyncDisposable {
  /** `host:port`. */
  readonly address: string;
}

export async function startDht(): Promise<LocalDht> {
  const dht = createDht({ bootstrap: [], ephemeral: false });
  const listening = once(dht, "listening");
  dht.listen(0, "127.0.0.1");
  await listening;
  return {
    address: `127.0.0.1:${dht.address().port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(dht, "close");
      dht.destroy();
      await closed;
    },
  };
}
