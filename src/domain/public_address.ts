import { BlockList, isIP } from "node:net";

/** Networks that are not the public internet: nobody outside should make this node talk to them. */
const PRIVATE_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** Everything outside 2000::/3 is special; inside it these are. */
const PRIVATE_V6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const privateV4 = new BlockList();
for (const [network, prefix] of PRIVATE_V4) privateV4.addSubnet(network, prefix, "ipv4");

const publicV6 = new BlockList();
publicV6.addSubnet("2000::", 3, "ipv6");

const privateV6 = new BlockList();
for (const [network, prefix] of PRIVATE_V6) privateV6.addSubnet(network, prefix, "ipv6");

/**
 * Whether an IP address is part of the public internet. Loopback, link-local (and with it cloud metadata), private,
 * shared, multicast and documentation networks are not, nor are IPv4 addresses dressed up as IPv6.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !privateV4.check(address, "ipv4");
    case 6:
      return publicV6.check(address, "ipv6") && !privateV6.check(address, "ipv6");
    default:
      return false;
  }
}
