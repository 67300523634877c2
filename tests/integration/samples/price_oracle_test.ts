import assert from "node:assert/strict";
import type { ServiceShape } from "@tests/support/engine.ts";
import { runService } from "@tests/support/engine.ts";
import { answersOf, errorOf, type Sample, startSample } from "@tests/support/sample.ts";

interface Exchange extends AsyncDisposable {
  readonly authority: string;
  readonly asked: string[];
}

/** A server that answers every path with what `answer` says, and keeps what it was asked. */
function startExchange(answer: () => Response): Exchange {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(pathname + search);
    return answer();
  });
  return {
    authority: `127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

interface Market extends AsyncDisposable {
  readonly exchanges: readonly [Exchange, Exchange];
  readonly oracle: Sample;
}

/** Two exchanges, and an oracle that may ask these two and no other host. */
async function openMarket(
  answers: readonly [() => Response, () => Response],
  shape: Omit<ServiceShape, "operator"> = {},
): Promise<Market> {
  await using stack = new AsyncDisposableStack();
  const exchanges = [stack.use(startExchange(answers[0])), stack.use(startExchange(answers[1]))] as const;
  const [first, second] = exchanges.map(({ authority }) => authority) as [string, string];
  const sources = `http://${first}/v2/{pair}/spot#data.amount http://${second}/ticker?symbol={pair}#price`;
  const oracle = stack.use(
    await startSample("price_oracle", {
      http: true,
      hosts: [first, second],
      config: { sources, decimals: "2" },
      ...shape,
    }),
  );
  const opened = stack.move();
  return { exchanges, oracle, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

Deno.test("price_oracle answers the median of what two servers say, and asks each once", async () => {
  await using market = await openMarket([
    () => Response.json({ data: { amount: "64000.10" } }),
    () => Response.json({ price: 64001.5 }),
  ]);
  const { oracle: { engine, service }, exchanges: [first, second] } = market;
  const result = await runService(engine, service, "BTC-USD");
  assert.deepEqual(answersOf(result), [[0n, '{"pair":"BTC-USD","price":"64000.80"}']]);
  assert.deepEqual(first.asked, ["/v2/BTC-USD/spot"]);
  assert.deepEqual(second.asked, ["/ticker?symbol=BTC-USD"]);
});

Deno.test("price_oracle encodes the pair, so that it leads nowhere else", async () => {
  await using market = await openMarket([
    () => Response.json({ data: { amount: "1" } }),
    () => Response.json({ price: 1 }),
  ]);
  const { oracle: { engine, service }, exchanges: [first, second] } = market;
  answersOf(await runService(engine, service, "a/../b?c&d#e"));
  assert.deepEqual(first.asked, ["/v2/a%2F..%2Fb%3Fc%26d%23e/spot"]);
  assert.deepEqual(second.asked, ["/ticker?symbol=a%2F..%2Fb%3Fc%26d%23e"]);
});

Deno.test("price_oracle signs no price while a source has none, and names the source", async (t) => {
  const good = () => Response.json({ data: { amount: "1" } });
  const cases: Readonly<Record<string, readonly [() => Response, RegExp]>> = {
    "a failure": [() => new Response("busy", { status: 503 }), /ticker.*answered with status 503$/],
    "no JSON": [() => new Response("<html>"), /ticker.*did not answer JSON$/],
    "another shape": [() => Response.json({ rate: 1 }), /ticker.*has no price at "price"$/],
    "text": [() => Response.json({ price: "soon" }), /ticker.*has no price at "price"$/],
    "nothing": [() => Response.json({ price: 0 }), /ticker.*has no price at "price"$/],
  };
  for (const [name, [answer, expected]] of Object.entries(cases)) {
    await t.step(name, async () => {
      await using market = await openMarket([good, answer]);
      assert.match(errorOf(await runService(market.oracle.engine, market.oracle.service, "BTC-USD")), expected);
    });
  }
});

Deno.test("price_oracle cannot ask a host its service does not list", async () => {
  await using market = await openMarket([() => Response.json({}), () => Response.json({})], { hosts: ["example.com"] });
  const { oracle: { engine, service }, exchanges } = market;
  const result = await runService(engine, service, "BTC-USD");
  assert.match(errorOf(result), /because of HTTP-request-denied$/);
  assert.equal(result.report.refusals.get("http"), 1);
  assert.deepEqual(exchanges.flatMap(({ asked }) => asked), []);
});
