import assert from "node:assert/strict";
import fc from "fast-check";
import { isWavsError, type JsonValue, parseJson } from "@/domain/mod.ts";
import { loadConfig, type LoadedConfig, redactedConfig, secretsOf } from "./mod.ts";
import { parseEnvList, parseEnvValue } from "./env_value.ts";
import { searchPath } from "./file.ts";

interface Setup {
  readonly toml?: string;
  readonly env?: Record<string, string>;
  readonly args?: readonly string[];
  readonly dotenv?: string;
}

/** Loads a configuration whose only file is the given one. */
function load({ toml = "", env = {}, args = [], dotenv }: Setup): LoadedConfig {
  const home = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${home}/wavs.toml`, toml);
    if (dotenv !== undefined) Deno.writeTextFileSync(`${home}/.env`, dotenv);
    const dotenvArgs = dotenv === undefined ? [] : ["--dotenv", `${home}/.env`];
    return loadConfig({ args: ["--home", home, ...dotenvArgs, ...args], env, os: "linux" });
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

function refusal(setup: Setup): string {
  try {
    load(setup);
  } catch (error) {
    assert.ok(isWavsError(error));
    assert.equal(error.retryable, false);
    return error.message;
  }
  throw new Error("the configuration was accepted");
}

Deno.test("an empty file leaves the documented defaults", () => {
  const { config } = load({});
  assert.equal(config.port, 8000);
  assert.equal(config.host, "127.0.0.1");
  assert.equal(config.data, "/var/wavs");
  assert.equal(config.maxBodySizeMb, 15);
  assert.equal(config.healthCheckMode, "wait");
  assert.equal(config.allowPrivateNetworks, false);
  assert.equal(config.signingMnemonic, undefined);
  assert.deepEqual(config.chains, []);
});

Deno.test("flag wins over variable, that over [wavs], that over [default], that over built-in", () => {
  const layers: Setup[] = [
    { toml: "[default]\nport = 1" },
    { toml: "[default]\nport = 1\n[wavs]\nport = 2" },
    { toml: "[default]\nport = 1\n[wavs]\nport = 2", env: { WAVS_PORT: "3" } },
    { toml: "[default]\nport = 1\n[wavs]\nport = 2", env: { WAVS_PORT: "3" }, args: ["--port", "4"] },
  ];
  assert.deepEqual(layers.map((layer) => load(layer).config.port), [1, 2, 3, 4]);
});

Deno.test("tables merge, lists replace", () => {
  const { config } = load({
    toml: `
      [default]
      log_level = ["debug"]
      [default.chains.evm.1]
      ws_endpoints = ["ws://one"]
      http_endpoint = "http://default"
      [wavs]
      log_level = ["warn"]
      [wavs.chains.evm.1]
      http_endpoint = "http://wavs"
      [wavs.chains.dev.fork]
      type = "evm"
      chain_id = "17000"
      ws_endpoints = []`,
  });
  assert.deepEqual(config.logLevel, ["warn"]);
  assert.deepEqual(
    config.chains.map((chain) =>
      chain.kind === "evm" && [chain.key, chain.chainId, chain.wsEndpoints, chain.httpEndpoint]
    ),
    [["dev:fork", "17000", [], undefined], ["evm:1", "1", ["ws://one"], "http://wavs"]],
  );
});

Deno.test("a variable set already is not overridden by a dotenv file", () => {
  const dotenv = 'WAVS_PORT=1\nWAVS_HOST="0.0.0.0"';
  const { config } = load({ dotenv, env: { WAVS_PORT: "2" } });
  assert.deepEqual([config.port, config.host], [2, "0.0.0.0"]);
});

Deno.test("environment values read as documented", () => {
  const cases: readonly [string, JsonValue][] = [
    [" true ", true],
    ["42", 42n],
    ["18446744073709551615", 18446744073709551615n],
    ["1.5", 1.5],
    ['"12345"', "12345"],
    ["[a, 2]", ["a", 2n]],
    ["{k=v}", new Map([["k", "v"]])],
    ["plain text", "plain text"],
  ];
  for (const [text, value] of cases) assert.deepEqual(parseEnvValue(text), value, text);
  assert.deepEqual(parseEnvList("info, wavs=debug"), ["info", "wavs=debug"]);
});

Deno.test("a bearer token of digits stays text", () => {
  assert.equal(load({ env: { WAVS_BEARER_TOKEN: "12345" } }).config.bearerToken, "12345");
});

Deno.test("64-bit integers of a file arrive whole", () => {
  assert.equal(load({ toml: "[wavs]\nmax_wasm_fuel = 9223372036854775807" }).config.maxWasmFuel, 2n ** 63n - 1n);
});

Deno.test("every wrong value is named at once, with its key and what was expected", () => {
  const message = refusal({
    toml: '[wavs]\nport = "eighty"\ndurability = "maybe"\n[default.chains.evm.1]\nhttp_endpoint = 5',
  });
  for (const part of ["wavs.toml", "port", "durability", "maybe", "ws_endpoints"]) {
    assert.ok(message.includes(part), `"${part}" is missing in: ${message}`);
  }
});

Deno.test("a file that is no TOML is refused by its path", () => {
  assert.match(refusal({ toml: "[wavs\nport = 1" }), /^Cannot read the configuration file ".*wavs\.toml"/);
});

Deno.test("an unknown option is refused with the one that was meant", () => {
  assert.match(refusal({ args: ["--prot", "1"] }), /There is no option "--prot"; did you mean "--port"\?/);
  assert.match(refusal({ args: ["--port"] }), /needs a value/);
});

Deno.test("an unknown key is warned about and does not stop the node", () => {
  const { notes } = load({ toml: "[wavs]\nbearer_tokn = 'x'\njaeger = 'http://j'" });
  assert.deepEqual(notes.map(({ level }) => level), ["warn", "warn"]);
  assert.match(notes[0]?.message ?? "", /sets "bearer_tokn".*did you mean "bearer_token"/);
  assert.match(notes[1]?.message ?? "", /sets "jaeger", which has no effect/);
});

Deno.test("what stands in the wrong place or is misspelt is named", () => {
  const { notes } = load({
    toml: `
      port = 1
      [wavz]
      [wavs.aggregator]
      burned_queue_ttl = 1
      [default.chains.emv.1]
      [default.chains.evm.1]
      ws_endpoints = []
      http_endpont = "http://x"
      poll_interval_ms = 7`,
    env: { WAVS_PROT: "1", WAVS_ENV_KEY: "x", PATH: "/bin" },
  });
  const expected = [
    /sets "port" outside of a section/,
    /section \[wavz\].*did you mean "wavs"/,
    /"chains\.emv".*did you mean "evm"/,
    /"chains\.evm\.1\.http_endpont".*did you mean "http_endpoint"/,
    /sets "aggregator\.burned_queue_ttl" in \[wavs\]/,
    /variable WAVS_PROT.*did you mean "WAVS_PORT"/,
  ];
  assert.equal(notes.length, expected.length, notes.map(({ message }) => message).join("\n"));
  for (const [index, pattern] of expected.entries()) assert.match(notes[index]?.message ?? "", pattern);
});

Deno.test("an endpoint with the wrong scheme is refused without showing the key in it", () => {
  const message = refusal({
    toml: `
      [default.chains.evm.1]
      ws_endpoints = ["https://node.example/v3/0123456789abcdef0123456789abcdef"]
      http_endpoint = "http://node.example/?apikey=abc"`,
  });
  assert.match(message, /chains\.evm\.1\.ws_endpoints: expected a URL with ws:\/\/ or wss:\/\//);
  assert.ok(!message.includes("0123456789abcdef"), message);
});

Deno.test("how a chain is read can be set, as far as it has the endpoints for it", () => {
  const chain = (settings: string) => `
      [default.chains.evm.1]
      ws_endpoints = ["wss://one.example", "wss://two.example"]
      http_endpoint = "https://three.example"
      ${settings}`;
  const { config, notes } = load({
    toml: chain('confirmations = "safe"\nevent_timestamp = "header"\nrpc_quorum = 3'),
  });
  assert.deepEqual(notes, []);
  const [evm] = config.chains;
  assert.deepEqual(evm?.kind === "evm" && evm.reading, {
    confirmations: "safe",
    eventTimestamp: "header",
    rpcQuorum: 3,
  });
  assert.match(
    refusal({ toml: chain("rpc_quorum = 4") }),
    /chains\.evm\.1\.rpc_quorum: expected at most the 3 endpoints there are, found "4"/,
  );
  assert.match(refusal({ toml: chain('confirmations = "soon"') }), /chains\.evm\.1\.confirmations.*soon/);
});

Deno.test("the printed configuration and the log leave out what gives access to an endpoint", () => {
  const { config } = load({
    toml: `
      [default.chains.evm.1]
      ws_endpoints = ["wss://user:pass@node.example/ws?apikey=topsecret"]
      http_endpoint = "https://node.example/v3/0123456789abcdef0123456789abcdef"`,
  });
  const printed = redactedConfig(config, config.chains);
  const secrets = ["user:pass", "topsecret", "0123456789abcdef0123456789abcdef"];
  for (const secret of secrets) assert.ok(!printed.includes(secret), `"${secret}" is in ${printed}`);
  assert.match(printed, /node\.example/);
  assert.deepEqual([...secretsOf(config)].sort(), secrets.sort());
});

Deno.test("a secret may stand in a file of its own, below the layer that names it", () => {
  const directory = Deno.makeTempDirSync();
  const path = `${directory}/mnemonic`;
  Deno.writeTextFileSync(path, "test junk\n", { mode: 0o644 });
  try {
    const { config, notes } = load({ env: { WAVS_SIGNING_MNEMONIC_FILE: path } });
    assert.equal(config.signingMnemonic, "test junk");
    assert.match(notes.map(({ message }) => message).join("\n"), /other users may read it; run chmod 600/);
    const above = load({ toml: `[wavs]\nsigning_mnemonic_file = "${path}"`, env: { WAVS_SIGNING_MNEMONIC: "mine" } });
    assert.equal(above.config.signingMnemonic, "mine");
    const unread = load({
      toml: `[wavs]\nsigning_mnemonic_file = "${directory}/absent"`,
      env: { WAVS_SIGNING_MNEMONIC_FILE: path },
    });
    assert.equal(unread.config.signingMnemonic, "test junk", "one that another stands in for is not read");
    assert.match(
      refusal({ toml: `[wavs]\nsigning_mnemonic = "x"\nsigning_mnemonic_file = "${path}"` }),
      /Cannot use both "signing_mnemonic" and "signing_mnemonic_file" of \[wavs\]/,
    );
    Deno.writeTextFileSync(path, " \n");
    assert.match(refusal({ env: { WAVS_SIGNING_MNEMONIC_FILE: path } }), /Cannot read the secret in ".*": it is empty/);
    assert.match(refusal({ env: { WAVS_SIGNING_MNEMONIC_FILE: `${path}x` } }), /Cannot read the secret in/);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a credential of the service manager is used when nothing else gives the secret", () => {
  const directory = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${directory}/signing_mnemonic`, "from systemd\n");
  try {
    const env = { CREDENTIALS_DIRECTORY: directory };
    assert.equal(load({ env }).config.signingMnemonic, "from systemd");
    assert.equal(load({ env: { ...env, WAVS_SIGNING_MNEMONIC: "mine" } }).config.signingMnemonic, "mine");
    // As systemd grants it: by an access list, whose mask shows as the mode of the group.
    Deno.chmodSync(`${directory}/signing_mnemonic`, 0o440);
    const named = load({ env: { ...env, WAVS_SIGNING_MNEMONIC_FILE: `${directory}/signing_mnemonic` } });
    assert.equal(named.config.signingMnemonic, "from systemd");
    assert.deepEqual(named.notes, []);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a secret on the command line and a short token are warned about", () => {
  const { notes } = load({ args: ["--bearer-token", "short"] });
  const text = notes.map(({ message }) => message).join("\n");
  assert.match(text, /--bearer-token in the list of processes/);
  assert.match(text, /fewer than 16 characters/);
});

Deno.test("an API that others reach without a token is warned about", () => {
  const warnings = (...args: string[]) => load({ args }).notes.map(({ message }) => message).join("\n");
  const warning = /^Whoever reaches ".+:8000" may register services; set WAVS_BEARER_TOKEN$/m;
  for (const host of ["0.0.0.0", "::", "203.0.113.5", "127.0.0.1.example.com"]) {
    assert.match(warnings("--host", host), warning, host);
    assert.doesNotMatch(warnings("--host", host, "--bearer-token", "0123456789abcdef"), warning, host);
  }
  for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1"]) {
    assert.doesNotMatch(warnings("--host", host), warning, host);
  }
  assert.doesNotMatch(warnings(), warning);
});

Deno.test("files are looked for in the documented order", () => {
  const env: Record<string, string> = { WAVS_HOME: "/w", HOME: "/h", XDG_CONFIG_HOME: "/x" };
  assert.deepEqual(searchPath({ home: "/flag", readEnv: (name) => env[name], os: "linux" }), [
    "/flag",
    "/w",
    ".",
    "/h/.wavs",
    "/x/wavs",
    "/h/.config/wavs",
    "/etc/wavs",
  ]);
});

Deno.test("the printed configuration has every key, and no secret in it", () => {
  const secret = fc.stringMatching(/^[a-zA-Z0-9]{12,40}$/);
  fc.assert(
    fc.property(secret, secret, secret, (mnemonic, credential, token) => {
      const { config } = load({
        env: {
          WAVS_SIGNING_MNEMONIC: mnemonic,
          WAVS_AGGREGATOR_EVM_CREDENTIAL: credential,
          WAVS_BEARER_TOKEN: token,
        },
      });
      assert.equal(secretsOf(config).length, 3);
      const printed = redactedConfig(config, config.chains);
      return [mnemonic, credential, token].every((value) => !printed.includes(value));
    }),
    { numRuns: 25 },
  );
  const keys = parseJson(redactedConfig(load({}).config, []));
  assert.ok(keys instanceof Map);
  assert.equal(keys.size, 25);
});
