import assert from "node:assert/strict";
import { loadConfig, redactedConfig } from "./mod.ts";

function load(toml: string) {
  const home = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${home}/wavs.toml`, `[wavs]\n${toml}`);
    return loadConfig({ args: ["--home", home], env: {}, os: "linux" });
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

/** What `GET /config` shows of it. */
function shown(toml: string): unknown {
  return JSON.parse(redactedConfig(load(toml).config, [])).p2p;
}

Deno.test("without a word about it, and disabled, there is no network between operators", () => {
  assert.equal(load("").config.p2p, undefined);
  assert.equal(load('p2p = "disabled"').config.p2p, undefined);
  assert.equal(shown(""), "disabled");
});

Deno.test("the defaults of both tables are those of the specification", () => {
  const common = {
    listen_port: 9000,
    max_retry_duration_secs: 10,
    retry_interval_ms: 200,
    submission_ttl_secs: 300,
    max_catchup_submissions: 100,
    cleanup_interval_secs: 60,
    max_pending_publishes: 1000,
    max_stored_submissions_per_service: 500,
    catchup_request_timeout_secs: 30,
    max_concurrent_catchup_requests_per_service: 3,
  };
  assert.deepEqual(shown("p2p = { local = { listen_port = 9000 } }"), { local: common });
  assert.deepEqual(shown("[wavs.p2p.remote]\nlisten_port = 9000\nbootstrap_nodes = []"), {
    remote: { ...common, bootstrap_nodes: [], kademlia_discovery_interval_secs: 60 },
  });
});

Deno.test("what /config shows is taken as it is", () => {
  const toml = '[wavs.p2p.remote]\nlisten_port = 1\nbootstrap_nodes = ["/dns4/a.example/tcp/2"]\nretry_interval_ms = 7';
  const { config } = load(toml);
  const again =
    loadConfig({ args: ["--p2p", `{remote=${inEnvSyntax(shown(toml))}}`], env: { HOME: "/nowhere" } }).config;
  assert.deepEqual(again.p2p, config.p2p);
  assert.equal(config.p2p?.retryIntervalMs, 7);
});

/** A table as a flag or variable holds it. */
function inEnvSyntax(document: unknown): string {
  const { remote } = document as { remote: Record<string, unknown> };
  return `{${Object.entries(remote).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}}`;
}

Deno.test("a wrong value is refused with its path and what is expected", () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['p2p = "on"', /"p2p".*"disabled", "local", "remote"/],
    ["p2p = { local = {} }", /"p2p.local.listen_port".*present/],
    ["p2p = { local = { listen_port = 70000 } }", /"p2p.local.listen_port".*0 to 65535/],
    ["p2p = { remote = { listen_port = 1 } }", /"p2p.remote.bootstrap_nodes".*present/],
    ['p2p = { remote = { listen_port = 1, bootstrap_nodes = ["10.0.0.1:9000"] } }', /bootstrap_nodes\[0\].*\/ip4\//],
    ['p2p = { remote = { listen_port = 1, bootstrap_nodes = ["/ip4/10.0.0.1/udp/1"] } }', /\/tcp\//],
    ['p2p = { remote = { listen_port = 1, bootstrap_nodes = ["/ip4/10.0.0.1/tcp/0"] } }', /\/tcp\//],
    ["p2p = { local = { listen_port = 1, retry_interval_ms = 0 } }", /retry_interval_ms.*from 1/],
    ['p2p = { local = { listen_port = 1, allowed_peers = ["me"] } }', /allowed_peers\[0\].*peer id/],
    ["p2p = { local = { listen_port = 1 }, remote = { listen_port = 1, bootstrap_nodes = [] } }", /exactly one key/],
  ];
  for (const [toml, expected] of wrong) assert.throws(() => load(toml), expected, toml);
});

Deno.test("a key that no table has is told, with what was probably meant", () => {
  const { notes } = load("[wavs.p2p.local]\nlisten_port = 1\nbootstrap_nodes = []\nsubmission_ttl_sec = 3");
  const texts = notes.map(({ message }) => message);
  assert.ok(texts.some((text) => /"p2p.local.bootstrap_nodes"/.test(text)), texts.join("\n"));
  assert.ok(texts.some((text) => /"p2p.local.submission_ttl_sec".*"submission_ttl_secs"/.test(text)), texts.join("\n"));
});
