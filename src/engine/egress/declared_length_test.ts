import assert from "node:assert/strict";
import { systemClock } from "@/context/mod.ts";
import { openExchange } from "./exchange.ts";
import { startRawServer } from "./testing/raw_server.ts";
import { assertHttpError, requestTo } from "./testing/requests.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function post(url: string, length: string, body: "none" | "stream" = "stream") {
  const request = requestTo(url, { method: "POST", body, headers: [["content-length", bytes(length)]] });
  const exchange = openExchange(request, { allowPrivateNetworks: true }, { clock: systemClock });
  return Object.assign(exchange, { [Symbol.dispose]: () => exchange.cancel() });
}

Deno.test("nothing is sent after a body of its declared length, where it would be another request", async () => {
  await using server = startRawServer("HTTP/1.1 204 No Content\r\n\r\n");
  using exchange = post(server.url, "2");
  await exchange.write(bytes("{}"));
  await assertHttpError(exchange.write(bytes("GET / HTTP/1.1\r\nhost: other.test\r\n\r\n")), "HTTP-request-body-size");
  assert.ok(!(await server.received()).includes("other.test"));
});

Deno.test("a body shorter than declared ends the exchange and is not taken for a whole one", async () => {
  await using server = startRawServer("");
  using exchange = post(server.url, "10");
  await exchange.write(bytes("short"));
  await assertHttpError(exchange.finish(), "HTTP-request-body-size");
  await assertHttpError(exchange.response(), "HTTP-request-body-size");
  await server.closed;
});

Deno.test("a length without a body must be zero", async () => {
  await using server = startRawServer("HTTP/1.1 204 No Content\r\n\r\n");
  await assertHttpError(() => post(server.url, "1", "none"), "HTTP-request-body-size");
  using exchange = post(server.url, "0", "none");
  assert.equal((await exchange.response()).status, 204);
});

Deno.test("a length that is no number, or is given twice, is refused", async () => {
  for (const length of ["", "-1", "+1", "0x10", "1, 1", "1 ", "1e3", "9".repeat(16)]) {
    await assertHttpError(() => post("http://127.0.0.1:9/", length), "HTTP-request-denied");
  }
  const headers = [["content-length", bytes("1")], ["Content-Length", bytes("2")]] as const;
  const request = requestTo("http://127.0.0.1:9/", { headers, body: "stream" });
  const options = { allowPrivateNetworks: true };
  await assertHttpError(() => openExchange(request, options, { clock: systemClock }), "HTTP-request-denied");
});
