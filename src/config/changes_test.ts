import assert from "node:assert/strict";
import { changesOf, type Config, loadConfig } from "./mod.ts";

const CHAIN = (id: number, url: string) => `[default.chains.evm.${id}]\nws_endpoints = []\nhttp_endpoint = "${url}"\n`;

function configOf(toml: string): Config {
  const home = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${home}/wavs.toml`, toml);
    return loadConfig({ args: ["--home", home], env: {}, os: "linux" }).config;
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

Deno.test("a configuration that says the same differs in nothing", () => {
  const toml = `[wavs]\nmax_wasm_fuel = 5\n${CHAIN(1, "http://a")}[wavs.p2p.local]\nlisten_port = 1\n`;
  assert.deepEqual(changesOf(configOf(toml), configOf(toml)), { logLevel: false, newChains: [], otherKeys: [] });
});

Deno.test("what changed is named as in wavs.toml, and no value is", () => {
  const running = configOf(`[wavs]\nport = 1\n${CHAIN(1, "http://a")}${CHAIN(2, "http://b")}`);
  const next = configOf(
    `[wavs]\nport = 2\nlog_level = ["debug"]\nsigning_mnemonic = "x y z"\nengine.runtime = "jco"\n` +
      `aggregator.submit_delay_ms = 5\np2p.local.listen_port = 1\n${CHAIN(1, "http://c")}${CHAIN(3, "http://d")}`,
  );
  const { logLevel, newChains, otherKeys } = changesOf(running, next);
  assert.equal(logLevel, true);
  assert.deepEqual(newChains.map(({ key }) => key), ["evm:3"]);
  assert.deepEqual([...otherKeys].sort(), [
    "aggregator.submit_delay_ms",
    "chains.evm.1",
    "chains.evm.2",
    "engine.runtime",
    "p2p",
    "port",
    "signing_mnemonic",
  ]);
});

Deno.test("every member of a configuration has a name in wavs.toml", () => {
  const config = configOf("");
  const changed = Object.fromEntries(
    Object.keys(config).map((name) => [name, name === "chains" ? [] : { changed: true }]),
  ) as unknown as Config;
  const { otherKeys } = changesOf(config, changed);
  assert.equal(otherKeys.length, Object.keys(config).length - 2, "all but the chains and the log level");
  for (const key of otherKeys) assert.match(key, /^[a-z0-9_.]+$/);
});
