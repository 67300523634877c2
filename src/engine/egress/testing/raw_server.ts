/** A server of bytes: for what a well-behaved HTTP server does not say. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  /** What the first connection sent until `until` occurred in it, one character per byte. */
  received(until?: string): Promise<string>;
  /** Resolves once the client has closed the first connection. */
  readonly closed: Promise<void>;
}

/** Answers the first connection with `answer`, then closes it when `close` is set. */
export function startRawServer(answer: string, { close = true }: { readonly close?: boolean } = {}): RawServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ended = Promise.withResolvers<void>();
  const chunks = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, { highWaterMark: 1000 });
  const serving = serve();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    closed: ended.promise,
    received: (until = "\r\n\r\n") => readUntil(chunks.readable, until),
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };

  async function serve(): Promise<void> {
    const writer = chunks.writable.getWriter();
    try {
      using connection = await listener.accept();
      const buffer = new Uint8Array(64 * 1024);
      let isAnswered = false;
      for (let read = await connection.read(buffer); read !== null; read = await connection.read(buffer)) {
        await writer.write(buffer.slice(0, read));
        if (!isAnswered) await connection.write(new TextEncoder().encode(answer));
        isAnswered = true;
        if (answer !== "" && close) break;
      }
    } catch {
      // The client hung up, or nobody ever came: both end a test's server.
    }
    ended.resolve();
    void writer.close().catch(() => {});
  }
}

async function readUntil(readable: ReadableStream<Uint8Array>, until: string): Promise<string> {
  let text = "";
  for await (const chunk of readable) {
    text += String.fromCharCode(...chunk);
    if (text.includes(until)) break;
  }
  return text;
}
