import assert from "node:assert/strict";
import fc from "fast-check";
import { isHostAllowed } from "./policy.ts";

function allows(entry: string, url: string): boolean {
  return isHostAllowed({ kind: "only", hosts: [entry] }, new URL(url));
}

Deno.test("all allows every host, none and an empty list allow no host", () => {
  fc.assert(fc.property(fc.webUrl(), (text) => {
    const url = new URL(text);
    return isHostAllowed({ kind: "all" }, url) && !isHostAllowed({ kind: "none" }, url) &&
      !isHostAllowed({ kind: "only", hosts: [] }, url);
  }));
});

Deno.test("an entry allows its own host whatever the case, at any port", () => {
  const port = fc.integer({ min: 1, max: 65535 });
  fc.assert(fc.property(fc.domain(), port, (host, number) => {
    return allows(host.toUpperCase(), `https://${host}:${number}/`) && allows(host, `http://${host}/`);
  }));
});

Deno.test("an entry allows no other host", () => {
  fc.assert(
    fc.property(fc.domain(), fc.domain(), (entry, host) => entry === host || !allows(entry, `http://${host}/`)),
  );
});

Deno.test("an entry with a port allows that port only, also when it is the scheme's own", () => {
  assert.equal(allows("api.example.com:8443", "https://api.example.com:8443/"), true);
  assert.equal(allows("api.example.com:8443", "https://api.example.com/"), false);
  assert.equal(allows("api.example.com:443", "https://api.example.com/"), true);
  assert.equal(allows("api.example.com:443", "http://api.example.com/"), false);
  assert.equal(allows("api.example.com:80", "http://api.example.com/"), true);
});

Deno.test("a wildcard allows subdomains of any depth but not the domain or hosts that end alike", () => {
  fc.assert(fc.property(fc.domain(), (domain) => {
    return allows(`*.${domain}`, `http://a.${domain}/`) && allows(`*.${domain}`, `http://a.b.${domain}/`) &&
      !allows(`*.${domain}`, `http://${domain}/`) && !allows(`*.${domain}`, `http://evil${domain}/`);
  }));
});

Deno.test("an IPv6 host stands in brackets and is compared as an address", () => {
  assert.equal(allows("[::1]", "http://[::1]:8080/"), true);
  assert.equal(allows("[0:0:0:0:0:0:0:1]", "http://[::1]/"), true);
  assert.equal(allows("[::1]:80", "http://[::1]/"), true);
  assert.equal(allows("[::1]:81", "http://[::1]/"), false);
  assert.equal(allows("::1", "http://[::1]/"), false);
});

Deno.test("other spellings of an address or a name are the same host", () => {
  assert.equal(allows("127.0.0.1", "http://0x7f.1/"), true);
  assert.equal(allows("bücher.example", "http://xn--bcher-kva.example/"), true);
});

Deno.test("a name in the user part of a URL allows nothing", () => {
  assert.equal(allows("api.example.com", "http://api.example.com@evil.example/"), false);
  assert.equal(allows("api.example.com", "http://evil.example/?api.example.com"), false);
});

Deno.test("an entry that is no host allows nothing", () => {
  const entries = [
    "",
    "*",
    "*.",
    "*.*",
    "*.*.com",
    "https://a.com",
    "a.com/",
    "a.com:",
    "a.com:x",
    "x@a.com",
    "a.com#",
  ];
  for (const entry of entries) {
    for (const url of ["http://a.com/", "http://b.a.com/", "http://a.com./"]) {
      assert.equal(allows(entry, url), false, `"${entry}" allows ${url}`);
    }
  }
});

Deno.test("no entry makes the policy throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.webUrl(), (entry, url) => {
    assert.equal(typeof allows(entry, url), "boolean");
  }));
});
