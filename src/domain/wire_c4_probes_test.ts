import assert from "node:assert/strict";
import {
  decodeComponent,
  decodeComponentSource,
  decodePermissions,
  type Decoder,
  decodeSignatureKind,
  decodeTrigger,
  isWavsError,
  parseJson,
} from "@/domain/mod.ts";
import { vectorTest } from "./testing/vectors.ts";

const DIGEST = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

accepts(decodeTrigger, '"manual"', { kind: "manual" });
accepts(decodeTrigger, '{"manual":null}', { kind: "manual" });
refuses(decodeTrigger, '{"manual":{}}');
accepts(decodeTrigger, '{"cron":{"schedule":"x"}}', cron());
accepts(decodeTrigger, '{"cron":{"schedule":"x","extra":[1]}}', cron());
refuses(decodeTrigger, '{"Cron":{"schedule":"x"}}');
refuses(decodeTrigger, '{"cron":{"schedule":"x"},"manual":null}');
refuses(decodeTrigger, '{"manual":null,"manual":null}');
refuses(decodeTrigger, "{}");
refuses(decodeTrigger, '"cron"');
accepts(decodeTrigger, blockInterval("1"), interval());
refuses(decodeTrigger, blockInterval("0"));
refuses(decodeTrigger, blockInterval("1.0"));
refuses(decodeTrigger, blockInterval('"1"'));
refuses(decodeTrigger, blockInterval("4294967296"));
refuses(decodeTrigger, '{"block_interval":{"chain":"evm:1","n_blocks":1,"start_block":0}}');

for (const missing of ["permissions", "config", "env_keys"]) {
  refuses(decodeComponent, component({ [missing]: undefined }), `component without ${missing}`);
}
accepts(decodeComponent, component({ env_keys: '["b","a","a"]' }), {
  ...plainComponent(),
  envKeys: ["a", "b"],
});
refuses(decodeComponent, component({ permissions: "null" }), "component with permissions null");
refuses(decodeComponent, component({}).replace("{", '{"config":{},'), "component with a repeated field");
accepts(decodeComponent, component({ config: '{"a":"1","a":"2"}' }), {
  ...plainComponent(),
  config: new Map([["a", "2"]]),
});
refuses(decodeComponent, component({ config: '{"a":1}' }), "component with a number in its config");
accepts(decodeComponent, component({ fuel_limit: "18446744073709551615" }), {
  ...plainComponent(),
  fuelLimit: 18446744073709551615n,
});
refuses(decodeComponent, component({ fuel_limit: "18446744073709551616" }), "component with fuel beyond 64 bits");

accepts(decodeComponentSource, `{"registry":{"digest":"${DIGEST}","package":"a:b","extra":1}}`, {
  kind: "registry",
  digest: DIGEST,
  domain: undefined,
  version: undefined,
  package: "a:b",
});
refuses(decodeComponentSource, `{"registry":{"registry":{"digest":"${DIGEST}","package":"a:b"}}}`);
refuses(decodeComponentSource, `{"registry":{"digest":"${DIGEST}","package":"a"}}`);
refuses(decodeComponentSource, `{"registry":{"digest":"${DIGEST}","package":"A:b"}}`);
refuses(decodeComponentSource, `{"registry":{"digest":"${DIGEST}","package":"a:b","version":"1.2"}}`);
refuses(decodeComponentSource, `{"download":{"digest":"${DIGEST}","uri":"no scheme"}}`);

accepts(decodeSignatureKind, '{"algorithm":"secp256k1"}', { algorithm: "secp256k1", prefix: undefined });
refuses(decodeSignatureKind, '{"algorithm":"ed25519"}');

for (
  const [hosts, expected] of [
    ['"none"', { kind: "none" }],
    ['{"only":[]}', { kind: "only", hosts: [] }],
    ['{"all":null}', { kind: "all" }],
  ] as const
) {
  accepts(decodePermissions, `{"allowed_http_hosts":${hosts}}`, {
    ...plainComponent().permissions,
    allowedHttpHosts: expected,
  });
}

function accepts<T>(decode: Decoder<T>, text: string, expected: unknown): void {
  vectorTest("wire.md C.4", `${text} is read`, () => assert.deepEqual(decode(parseJson(text)), expected));
}

function refuses<T>(decode: Decoder<T>, text: string, name = text): void {
  vectorTest("wire.md C.4", `${name} is refused`, () => {
    assert.throws(() => decode(parseJson(text)), (error) => isWavsError(error, "invalid_value"));
  });
}

function cron() {
  return { kind: "cron", schedule: "x", startTime: undefined, endTime: undefined };
}

function interval() {
  return { kind: "block_interval", chain: "evm:1", nBlocks: 1, startBlock: undefined, endBlock: undefined };
}

function blockInterval(nBlocks: string): string {
  return `{"block_interval":{"chain":"evm:1","n_blocks":${nBlocks}}}`;
}

/** The text of a component with some fields replaced or, when undefined, left out. */
function component(changes: Readonly<Record<string, string | undefined>>): string {
  const fields = { source: `{"digest":"${DIGEST}"}`, permissions: "{}", config: "{}", env_keys: "[]", ...changes };
  const members = Object.entries(fields).filter(([, value]) => value !== undefined);
  return `{${members.map(([name, value]) => `"${name}":${value}`).join(",")}}`;
}

function plainComponent() {
  return {
    source: { kind: "digest", digest: DIGEST },
    permissions: {
      allowedHttpHosts: { kind: "none" },
      fileSystem: false,
      rawSockets: false,
      dnsResolution: false,
    },
    fuelLimit: undefined,
    timeLimitSeconds: undefined,
    config: new Map(),
    envKeys: [],
  };
}
