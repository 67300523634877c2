import { freePort } from "./free_port.ts";

/** A second address of a server, which can be taken away and brought back. */
export class Relay implements AsyncDisposable {
  readonly port: number;
  readonly #target: number;
  readonly #connections = new Set<Deno.Conn>();
  #listener: Deno.Listener | undefined;
  #running: Promise<void> = Promise.resolve();

  /** @param target port of the server on this machine */
  constructor(target: number, port = freePort()) {
    this.#target = target;
    this.port = port;
    this.restore();
  }

  /** Ends every connection; new ones are refused. */
  async cut(): Promise<void> {
    this.#listener?.close();
    this.#listener = undefined;
    for (const connection of this.#connections) close(connection);
    this.#connections.clear();
    await this.#running;
  }

  restore(): void {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: this.port });
    this.#listener = listener;
    this.#running = this.#serve(listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cut();
  }

  async #serve(listener: Deno.Listener): Promise<void> {
    const relayed: Promise<void>[] = [];
    for await (const incoming of listener) relayed.push(this.#relay(incoming));
    await Promise.all(relayed);
  }

  async #relay(incoming: Deno.Conn): Promise<void> {
    this.#connections.add(incoming);
    let outgoing: Deno.Conn;
    try {
      outgoing = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
    } catch {
      // Whoever connected is told the only way there is.
      return close(incoming);
    }
    this.#connections.add(outgoing);
    if (this.#listener === undefined) [incoming, outgoing].forEach(close);
    await Promise.all([
      incoming.readable.pipeTo(outgoing.writable).catch(() => {}),
      outgoing.readable.pipeTo(incoming.writable).catch(() => {}),
    ]);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    // The pipe closed it when its other end was done.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
