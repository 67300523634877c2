/**
 * A loopback TCP port nobody listens on at this moment.
 *
 * For servers that must know their port beforehand; where port 0 works, it is better.
 */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
