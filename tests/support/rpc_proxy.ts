/** An HTTP endpoint in front of a real one, to break what goes through it. */
export interface RpcProxy extends AsyncDisposable {
  readonly url: string;
  /** Requests of these methods are answered with status 503 and never reach the chain. */
  fail(matches: (method: string) => boolean): void;
  /** Requests of these methods reach the chain, but their answer becomes a status 503. */
  loseAnswers(matches: (method: string) => boolean): void;
  /** Requests of this method get this answer and never reach the chain. */
  answer(method: string, result: unknown): void;
}

export function startRpcProxy(target: string): RpcProxy {
  let fails: (method: string) => boolean = () => false;
  let losesAnswer: (method: string) => boolean = () => false;
  const answers = new Map<string, unknown>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.text();
    const { id, method } = JSON.parse(body) as { id: number; method: string };
    if (fails(method)) return new Response("down", { status: 503 });
    if (answers.has(method)) return Response.json({ jsonrpc: "2.0", id, result: answers.get(method) });
    const response = await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body });
    const answer = await response.text();
    if (losesAnswer(method)) return new Response("lost", { status: 503 });
    return new Response(answer, { status: response.status, headers: { "content-type": "application/json" } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    fail: (matches) => void (fails = matches),
    loseAnswers: (matches) => void (losesAnswer = matches),
    answer: (method, result) => void answers.set(method, result),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
