/** A web server on this machine. */
export interface FileServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves files by path; other paths are answered 404. */
export function startFileServer(
  files: Readonly<Record<string, string>>,
  { delayMs = 0 }: { readonly delayMs?: number } = {},
): FileServer {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const path = files[new URL(request.url).pathname];
    if (path === undefined) return new Response("no such file", { status: 404 });
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    return new Response(await Deno.readFile(path));
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}
