import { parseComponentDigest } from "./ids.ts";
import {
  array,
  bool,
  type Decoder,
  jsonMap,
  jsonObject,
  type JsonValue,
  map,
  mapped,
  object,
  optional,
  parsed,
  string,
  stringSet,
  tagged,
  u64,
  unit,
  withDefault,
} from "./json/mod.ts";
import { invalidText } from "./json/path.ts";
import type { AllowedHosts, Component, ComponentSource, Permissions } from "./service.ts";
import { sortedUtf8 } from "./utf8.ts";

const URI =
  /^[a-z][a-z0-9+.-]*:(?:[\w\-.~:/?[\]@!$&'()*+,;=]|%[0-9a-f]{2})*(?:#(?:[\w\-.~:/?@!$&'()*+,;=]|%[0-9a-f]{2})*)?$/i;
const PACKAGE_LABEL = "[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*";
const PACKAGE = new RegExp(`^${PACKAGE_LABEL}:${PACKAGE_LABEL}$`);
const SEMVER_NUMBER = "(?:0|[1-9][0-9]*)";
const SEMVER_PRERELEASE = `(?:${SEMVER_NUMBER}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)`;
const SEMVER_BUILD = "[0-9a-zA-Z-]+";
const SEMVER = new RegExp(
  `^${SEMVER_NUMBER}\\.${SEMVER_NUMBER}\\.${SEMVER_NUMBER}` +
    `(?:-${SEMVER_PRERELEASE}(?:\\.${SEMVER_PRERELEASE})*)?(?:\\+${SEMVER_BUILD}(?:\\.${SEMVER_BUILD})*)?$`,
);

const decodeDownload: Decoder<ComponentSource> = mapped(
  object({
    uri: matching(URI, 'an absolute URI such as "https://example.com/component.wasm"'),
    digest: parsed(parseComponentDigest),
  }),
  ({ uri, digest }) => ({ kind: "download", uri, digest }),
);

const decodeRegistry: Decoder<ComponentSource> = mapped(
  object({
    digest: parsed(parseComponentDigest),
    domain: optional(string),
    version: optional(matching(SEMVER, 'a version such as "1.2.3"')),
    package: matching(PACKAGE, 'a package such as "namespace:name"'),
  }),
  (fields) => ({ kind: "registry", ...fields }),
);

/** Reads where a component comes from (spec/wire.md 2.2). */
export const decodeComponentSource: Decoder<ComponentSource> = tagged<ComponentSource>({
  download: decodeDownload,
  registry: decodeRegistry,
  digest: mapped(parsed(parseComponentDigest), (digest) => ({ kind: "digest", digest })),
});

export function encodeComponentSource(source: ComponentSource): JsonValue {
  switch (source.kind) {
    case "download":
      return jsonObject({ download: jsonObject({ uri: source.uri, digest: source.digest }) });
    case "registry": {
      const { digest, domain, version, package: name } = source;
      return jsonObject({ registry: jsonObject({ digest, domain, version, package: name }) });
    }
    case "digest":
      return jsonObject({ digest: source.digest });
  }
}

const decodeAllowedHosts: Decoder<AllowedHosts> = tagged<AllowedHosts>({
  all: unit({ kind: "all" }),
  none: unit({ kind: "none" }),
  only: mapped(array(string), (hosts) => ({ kind: "only", hosts })),
});

/** Reads permissions; what is not named is not granted (spec/wire.md 2.2). */
export const decodePermissions: Decoder<Permissions> = mapped(
  object({
    allowed_http_hosts: withDefault(decodeAllowedHosts, { kind: "none" }),
    file_system: withDefault(bool, false),
    raw_sockets: withDefault(bool, false),
    dns_resolution: withDefault(bool, false),
  }),
  ({ allowed_http_hosts, file_system, raw_sockets, dns_resolution }) => ({
    allowedHttpHosts: allowed_http_hosts,
    fileSystem: file_system,
    rawSockets: raw_sockets,
    dnsResolution: dns_resolution,
  }),
);

export function encodePermissions(permissions: Permissions): JsonValue {
  const hosts = permissions.allowedHttpHosts;
  return jsonObject({
    allowed_http_hosts: hosts.kind === "only" ? jsonObject({ only: hosts.hosts }) : hosts.kind,
    file_system: permissions.fileSystem,
    raw_sockets: permissions.rawSockets,
    dns_resolution: permissions.dnsResolution,
  });
}

/** Reads a component (spec/wire.md 2.2). */
export const decodeComponent: Decoder<Component> = mapped(
  object({
    source: decodeComponentSource,
    permissions: decodePermissions,
    fuel_limit: optional(u64),
    time_limit_seconds: optional(u64),
    config: map(String, string),
    env_keys: stringSet,
  }),
  ({ source, permissions, fuel_limit, time_limit_seconds, config, env_keys }) => ({
    source,
    permissions,
    fuelLimit: fuel_limit,
    timeLimitSeconds: time_limit_seconds,
    config,
    envKeys: env_keys,
  }),
);

export function encodeComponent(component: Component): JsonValue {
  return jsonObject({
    source: encodeComponentSource(component.source),
    permissions: encodePermissions(component.permissions),
    fuel_limit: component.fuelLimit,
    time_limit_seconds: component.timeLimitSeconds,
    config: jsonMap(component.config),
    env_keys: sortedUtf8(component.envKeys),
  });
}

function matching(pattern: RegExp, expected: string): Decoder<string> {
  return parsed((text) => {
    if (!pattern.test(text)) throw invalidText(expected, text);
    return text;
  });
}
