/** Guests that ask for what is not theirs on the network. */
import { scriptProbe, type Stage } from "./stage.ts";
import type { Probe } from "./types.ts";

const DENIED = "!HTTP-request-denied";

/** Ways to write an address that is not of the public internet. */
const SPELLINGS: Readonly<Record<string, string>> = {
  "loopback": "127.0.0.1",
  "loopback at the other end of its block": "127.255.255.254",
  "loopback as one decimal number": "2130706433",
  "loopback as one hexadecimal number": "0x7f000001",
  "loopback in octal": "0177.0.0.01",
  "loopback with parts left out": "127.1",
  "loopback in fullwidth digits": "１２７.０.０.１",
  "loopback with ideographic full stops": "127。0。0。1",
  "loopback with a dot at its end": "127.0.0.1.",
  "loopback with percent signs": "%31%32%37.0.0.1",
  "loopback in IPv6": "[::1]",
  "loopback in IPv6 with every zero": "[0000:0000:0000:0000:0000:0000:0000:0001]",
  "loopback mapped into IPv6": "[::ffff:127.0.0.1]",
  "loopback mapped into IPv6, in hexadecimal": "[::ffff:7f00:1]",
  "loopback in an IPv4-compatible address": "[::7f00:1]",
  "loopback behind NAT64": "[64:ff9b::7f00:1]",
  "loopback behind local NAT64": "[64:ff9b:1::7f00:1]",
  "loopback behind 6to4": "[2002:7f00:1::1]",
  "loopback behind Teredo": "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
  "loopback by name": "localhost",
  "loopback by name in capitals": "LOCALHOST",
  "unspecified": "0.0.0.0",
  "unspecified as nothing but a zero": "0",
  "unspecified in IPv6": "[::]",
  "the metadata of clouds": "169.254.169.254",
  "the metadata of clouds as one decimal number": "2852039166",
  "the metadata of clouds in IPv6": "[fd00:ec2::254]",
  "a link-local address": "[fe80::1]",
  "a private network, class A": "10.0.0.1",
  "a private network, class B": "172.16.0.1",
  "a private network, class C": "192.168.0.1",
  "a network shared by carriers": "100.100.100.200",
  "a multicast group": "224.0.0.251",
  "a multicast group in IPv6": "[ff02::fb]",
  "broadcast": "255.255.255.255",
};

/** A guest that may ask every host meets the address policy. */
export async function addressProbes(stage: Stage): Promise<Probe[]> {
  const target = await stage.target(stage.strict, "http", { http: true });
  return Object.entries(SPELLINGS).map(([name, host]) =>
    scriptProbe({ category: "address spellings", name }, target, {
      operation: ["send", { authority: `${host}:${stage.server.port}` }],
      error: DENIED,
    })
  );
}

/** A guest that may ask some hosts meets the list of them. */
export async function hostProbes(stage: Stage): Promise<Probe[]> {
  const { port } = stage.server;
  const granted = `localhost:${port}`;
  const hosts = [granted, "*.granted.test"];
  const target = await stage.target(stage.open, "http", { http: true, hosts });
  const asks = (name: string, shape: Record<string, unknown>, error: string | RegExp = DENIED) =>
    scriptProbe({ category: "hosts", name }, target, { operation: ["send", shape], error });
  const follows = (name: string, path: string) =>
    scriptProbe({ category: "redirects", name }, target, {
      operation: ["send", { authority: granted, path, follow: true }],
      error: DENIED,
    });
  return [
    follows("to an address instead of the granted name", "/away/[::1]"),
    follows("to another name", "/away/evil.test"),
    follows("to another port of the granted name", "/away/localhost/1"),
    follows("to the metadata of clouds", "/away/169.254.169.254/80"),
    asks("one that is not on the list", { authority: `127.0.0.1:${port}` }),
    asks("a port that is not on the list", { authority: "localhost:1" }),
    asks("the domain above a wildcard", { authority: "granted.test" }),
    asks("a name that only ends like a wildcard's", { authority: "notgranted.test" }),
    asks("a granted name with another behind it", { authority: `localhost.evil.test:${port}` }),
    asks("a granted name with a dot at its end", { authority: `localhost.:${port}` }),
    asks("a granted name in the user part", { authority: `${granted}@127.0.0.1:${port}` }, "setAuthority"),
    asks("a granted name before a backslash", { authority: `${granted}\\@127.0.0.1:${port}` }, "setAuthority"),
    asks("a granted name before a line end", { authority: `${granted}\r\nhost: evil.test` }, "setAuthority"),
    asks("another in a path that ends the user part", { authority: granted, path: `@127.0.0.1:${port}/` }, "setPath"),
    asks("another in an absolute path", { authority: granted, path: `http://127.0.0.1:${port}/` }, "setPath"),
    asks("another port in the path", { authority: "localhost", path: ":1/" }, "setPath"),
    asks("a tunnel", { authority: granted, method: { tag: "connect" } }, "!HTTP-request-method-invalid"),
    asks("a file", { authority: "", path: "/etc/passwd", scheme: { tag: "other", val: "file" } }),
    asks("another protocol", { authority: `127.0.0.1:${port}`, scheme: { tag: "other", val: "ftp" } }),
  ];
}

/** A guest that writes more into a request than is its own. */
export async function headerProbes(stage: Stage): Promise<Probe[]> {
  const target = await stage.target(stage.open, "http", { http: true });
  const authority = `127.0.0.1:${stage.server.port}`;
  const header = (name: string, value: string, error: string) =>
    scriptProbe({ category: "header smuggling", name: `the header ${JSON.stringify(`${name}: ${value}`)}` }, target, {
      operation: ["header", name, value],
      error,
    });
  const sends = (name: string, shape: Record<string, unknown>, error: string) =>
    scriptProbe({ category: "header smuggling", name }, target, {
      operation: ["send", { authority, path: "/mine", ...shape }],
      error,
    });
  const post = { method: { tag: "post" } };
  return [
    header("x", "a\r\nhost: evil.test", "invalid-syntax"),
    header("x", "a\nb: c", "invalid-syntax"),
    header("x", "a\rb: c", "invalid-syntax"),
    header("x", "a\0b", "invalid-syntax"),
    header("x: y\r\nhost", "evil.test", "invalid-syntax"),
    header("x y", "z", "invalid-syntax"),
    header("", "z", "invalid-syntax"),
    header("host", "evil.test", "forbidden"),
    header("HOST", "evil.test", "forbidden"),
    header("Transfer-Encoding", "chunked", "forbidden"),
    header("connection", "upgrade", "forbidden"),
    header("upgrade", "h2c", "forbidden"),
    header("http2-settings", "AAMAAABk", "forbidden"),
    header("proxy-authorization", "Basic YTpi", "forbidden"),
    header("keep-alive", "timeout=1000", "forbidden"),
    scriptProbe({ category: "header smuggling", name: "a list with a host in it" }, target, {
      operation: ["fromList", [["x", "y"], ["Host", "evil.test"]]],
      error: "forbidden",
    }),
    sends("another request after the body", {
      ...post,
      headers: [["content-length", "2"]],
      body: "{}GET / HTTP/1.1\r\nhost: evil.test\r\n\r\n",
    }, "!HTTP-request-body-size"),
    sends(
      "a body shorter than it says",
      { ...post, headers: [["content-length", "9"]], body: "{}" },
      "!HTTP-request-body-size",
    ),
    sends("two lengths", { ...post, headers: [["content-length", "2"], ["content-length", "0"]], body: "{}" }, DENIED),
    sends("a length that is signed", { ...post, headers: [["content-length", "+2"]], body: "{}" }, DENIED),
    sends("a method with a line end", { method: { tag: "other", val: "GET / HTTP/1.1\r\nx:" } }, "setMethod"),
    sends("a method with a space", { method: { tag: "other", val: "GET /secret" } }, "setMethod"),
    sends("a path with a line end", { path: "/ HTTP/1.1\r\nhost: evil.test" }, "setPath"),
    sends("a path with a space", { path: "/a b" }, "setPath"),
  ];
}
