import assert from "node:assert/strict";
import fc from "fast-check";
import { isPublicAddress } from "./public_address.ts";

const NOT_PUBLIC = {
  "unspecified": ["0.0.0.0", "0.1.2.3", "::"],
  "loopback": ["127.0.0.1", "127.255.255.255", "::1"],
  "link-local, where clouds keep their metadata": ["169.254.0.1", "169.254.169.254", "fe80::1", "fe80::1%eth0"],
  "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd00:ec2::254"],
  "shared by carriers": ["100.64.0.1", "100.100.100.200", "100.127.255.255"],
  "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1"],
  "reserved": ["192.0.0.1", "198.18.0.1", "198.19.255.255", "240.0.0.1", "255.255.255.255", "fec0::1", "100::1"],
  "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
  "tunnels to IPv4": ["2001::1", "2002:7f00:1::", "::127.0.0.1"],
  "no address": ["", "localhost", "127.1", "1.2.3", "[::1]", "8.8.8.8 "],
};

for (const [kind, addresses] of Object.entries(NOT_PUBLIC)) {
  Deno.test(`addresses are not public: ${kind}`, () => {
    for (const address of addresses) assert.equal(isPublicAddress(address), false, address);
  });
}

Deno.test("neighbours of private networks are public", () => {
  const neighbours = [
    ...["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"],
    ...["169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0"],
    ...["223.255.255.255", "2001:200::1", "2003::1", "2606:4700::1111", "2a00:1450:4001:82a::200e"],
  ];
  for (const address of neighbours) assert.equal(isPublicAddress(address), true, address);
});

Deno.test("an IPv4 address inside an IPv6 address is never public", () => {
  const prefixes = fc.constantFrom("::ffff:", "::ffff:0:", "::", "64:ff9b::", "64:ff9b:1::");
  fc.assert(fc.property(prefixes, fc.ipV4(), (prefix, address) => !isPublicAddress(`${prefix}${address}`)));
});

Deno.test("every address of the private blocks is not public", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const blocks = fc.oneof(
    fc.tuple(fc.constantFrom(0, 10, 127), octet),
    fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 })),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 })),
    fc.tuple(fc.constant(192), fc.constant(168)),
    fc.tuple(fc.constant(169), fc.constant(254)),
    fc.tuple(fc.integer({ min: 224, max: 255 }), octet),
  );
  fc.assert(fc.property(blocks, octet, octet, ([a, b], c, d) => !isPublicAddress(`${a}.${b}.${c}.${d}`)));
});

Deno.test("outside 2000::/3 no IPv6 address is public", () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const groups = fc.array(group, { minLength: 8, maxLength: 8 });
  fc.assert(fc.property(groups, (parts) => {
    const address = parts.map((part) => part.toString(16)).join(":");
    return (parts[0] ?? 0) >> 13 === 1 || !isPublicAddress(address);
  }));
});
