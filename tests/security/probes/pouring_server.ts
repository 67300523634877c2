export interface PouringServer extends AsyncDisposable {
  readonly authority: string;
}

/** A server that sends this after a head, for as long as anybody reads. */
export function startPouring(head: string, chunk: Uint8Array, chunks: number): PouringServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      try {
        await connection.read(new Uint8Array(65536));
        for (const part of [new TextEncoder().encode(head), ...Array<Uint8Array>(chunks).fill(chunk)]) {
          for (let sent = 0; sent < part.length;) sent += await connection.write(part.subarray(sent));
        }
      } catch {
        // Whoever was asked hung up, as is hoped for.
      }
      connection.close();
    }
  })();
  return {
    authority: `127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}
