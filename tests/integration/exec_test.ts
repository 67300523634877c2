import assert from "node:assert/strict";
import { buildComponents } from "@components/build.ts";
import { runExec } from "@/cli/exec/command.ts";
import { isWavsError } from "@/domain/mod.ts";

const [square, echo, aggregator] = (await buildComponents({ names: ["square", "echo", "simple_aggregator"] }))
  .map(({ path }) => path) as [string, string, string];

interface Ran {
  readonly lines: readonly string[];
  /** Why the execution failed, as the program would say it. */
  readonly error: unknown;
}

async function exec(...args: readonly string[]): Promise<Ran> {
  const lines: string[] = [];
  try {
    await runExec(args, { color: false, line: (text = "") => void lines.push(text) });
    return { lines, error: undefined };
  } catch (error) {
    return { lines, error };
  }
}

// deno-lint-ignore no-explicit-any -- what a program that reads the JSON sees
async function execJson(...args: readonly string[]): Promise<any> {
  const { lines, error } = await exec(...args, "--json");
  assert.equal(lines.length, 1, `one line of JSON, not: ${lines.join("\n")} ${error}`);
  return JSON.parse(lines[0] ?? "");
}

function assertCode(error: unknown, code: string): void {
  assert.ok(isWavsError(error, code), `expected "${code}", got ${error}`);
}

Deno.test("exec answers text, hex and the contents of a file alike", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, '{"x":5}');
    for (const input of ['{"x":5}', "0x7b2278223a357d", `@${path}`]) {
      const { ok, responses } = await execJson(square, "--input", input);
      assert.ok(ok, input);
      assert.match(responses[0].payload, /7b2279223a32357d0*$/, input);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("exec shows people the payload, the event id, the answer in it and the cost", async () => {
  const { lines, error } = await exec("--component", square, "--input", '{"x":5}');
  assert.equal(error, undefined);
  const text = lines.join("\n");
  assert.match(text, /^1 response$/m);
  assert.match(text, /^ {2}event id {2}0x[0-9a-f]{40}$/m);
  assert.match(text, /^ {2}trigger {3}0: \{"y":25\}$/m);
  assert.match(text, /^ {2}fuel {6}\d+$/m);
  assert.match(text, /^ {2}elapsed {3}[\d.]+ ms$/m);
});

Deno.test("exec gives one event one id, and another event another", async () => {
  const idOf = async (input: string) => (await execJson(echo, "--input", input)).responses[0].event_id;
  const [first, again, other] = [await idOf("a"), await idOf("a"), await idOf("b")];
  assert.equal(first, again);
  assert.notEqual(first, other);
});

Deno.test("exec simulates every kind of trigger", async (t) => {
  const topic = "0x86eacd23610d81706516de1ed0476c87772fdf939c7c771fbbd7f0230d619e68";
  const word = (digits: string) => digits.padStart(64, "0");
  const info = `${word("20")}${word("2a")}${"11".repeat(20).padStart(64, "0")}${word("60")}${word("2")}${
    "6869".padEnd(64, "0")
  }`;
  const answered = {
    EvmContractEvent: {
      chain: "evm:31337",
      contract_address: `0x${"11".repeat(20)}`,
      log_data: { topics: [topic], data: `0x${word("20")}${word("c0")}${info}` },
    },
    CosmosContractEvent: {
      chain: "cosmos:wasmd",
      contract_address: "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a",
      event: {
        type: "push-message",
        attributes: [{ key: "trigger-id", value: "42" }, { key: "data", value: "6869" }],
      },
    },
    AtProtoEvent: { sequence: 42, repo: "did:plc:abc", collection: "app.bsky.feed.post", record: "hi" },
    HypercoreAppend: { feed_key: "ab".repeat(32), index: 42, data: [104, 105] },
    Raw: [104, 105],
  };
  for (const [kind, data] of Object.entries(answered)) {
    await t.step(kind, async () => {
      const { ok, responses, error } = await execJson(echo, "--simulates-trigger", JSON.stringify({ [kind]: data }));
      assert.ok(ok, error?.message);
      assert.match(responses[0].payload, kind === "AtProtoEvent" ? /22686922/ : /6869/);
    });
  }
  for (
    const data of [
      '{"Cron":{"trigger_time":1700000000000000000}}',
      '{"BlockInterval":{"chain":"evm:1","block_height":7}}',
    ]
  ) {
    await t.step(data, async () => {
      const { error } = await execJson(echo, "--simulates-trigger", data);
      assert.equal(error.message, "Wasm exec result: expected trigger data");
    });
  }
});

Deno.test("exec gives block and clock components the trigger that goes with simulated data, or the one it is told", async () => {
  const [blocks, clock] = (await buildComponents({ names: ["block_echo", "cron_echo"] })).map(({ path }) => path) as [
    string,
    string,
  ];
  const { responses: ticked } = await execJson(clock, "--simulates-trigger", '{"Cron":{}}');
  assert.equal(ticked.length, 1);
  const block = ["--simulates-trigger", '{"BlockInterval":{"chain":"evm:1","block_height":20}}'];
  assert.deepEqual((await execJson(blocks, ...block)).responses, [], "a first interval without start is left out");
  const trigger = { block_interval: { chain: "evm:1", n_blocks: 5, start_block: 20, end_block: 100 } };
  const { lines } = await exec(blocks, ...block, "--trigger", JSON.stringify(trigger));
  assert.match(lines.join("\n"), /^ {2}trigger {3}1337: .*"trigger_config_start":20,.*"count":1\}$/m);
});

Deno.test("exec names the functions that were called when it is asked to", async () => {
  const { calls } = await execJson(echo, "--input", "configvar:foo", "--config", "foo=bar", "--calls");
  assert.ok(calls.includes("host#config-var") && calls.includes("host#get-event-id"), String(calls));
  assert.equal((await execJson(echo, "--input", "x")).calls, undefined);
});

Deno.test("exec takes the data of a hypercore block from the input", async () => {
  const trigger = '{"HypercoreAppend":{"feed_key":"ab"}}';
  const { responses } = await execJson(echo, "--simulates-trigger", trigger, "--input", "hello");
  assert.match(responses[0].payload, /68656c6c6f/);
});

Deno.test("exec configures a component and shows it the variables it is given", async () => {
  const config = await execJson(echo, "--input", "configvar:foo", "--config", "foo=a=b");
  assert.equal(config.responses[0].text, "a=b");
  Deno.env.set("WAVS_ENV_EXEC_TEST", "seen");
  try {
    const hidden = await execJson(echo, "--input", "envvar:WAVS_ENV_EXEC_TEST");
    assert.equal(hidden.ok, false);
    const shown = await execJson(echo, "--input", "envvar:WAVS_ENV_EXEC_TEST", "--env-key", "WAVS_ENV_EXEC_TEST");
    assert.equal(shown.responses[0].text, "seen");
  } finally {
    Deno.env.delete("WAVS_ENV_EXEC_TEST");
  }
});

Deno.test("exec holds a component to the limits it is given", async () => {
  const spin = ["--input", "x", "--config", "sleep-kind=hotloop", "--config", "sleep-ms=60000"];
  const slow = await exec(echo, ...spin, "--time-limit", "1");
  assertCode(slow.error, "out_of_time");
  const hungry = await exec(echo, ...spin, "--fuel-limit", "5000000");
  assertCode(hungry.error, "out_of_fuel");
  assert.match(hungry.lines.join("\n"), /^failed: out_of_fuel$/m);
});

Deno.test("exec runs all three exports of an aggregator", async () => {
  const granted = [aggregator, "--allow-http", "*"];
  const handler = `0x${"00".repeat(16)}deadbeef`;
  const config = ["--chain", "evm:31337", "--config", "chain=evm:31337", "--config", `service_handler=${handler}`];
  const submit = { Submit: { Evm: { chain: "evm:31337", address: handler, gas_price: null } } };
  assert.deepEqual((await execJson(...granted, ...config, "--input", '{"payload":"0x01"}')).actions, [submit]);
  const timer = await execJson(...granted, "--call", "handle-timer-callback");
  assert.deepEqual(timer.actions, []);
  const told = await execJson(...granted, "--call", "handle-submit-callback", "--tx-error", "out of gas");
  assert.equal(told.ok, true);
});

Deno.test("exec says which option grants what a component asks for", async () => {
  const { error } = await exec(aggregator);
  assertCode(error, "component_import_denied");
  assert.match(String(error), /--allow-http HOST$/);
});

Deno.test("exec keeps the responses where it is told", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/below/responses.json`;
    await exec(echo, "--input", "hi", "--output", path);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(path)), [
      { payload: "0x6869", ordering: null, event_id_salt: null },
    ]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("exec refuses options it cannot make sense of, with the value and what it expects", async () => {
  const cases = [
    { args: [], code: "option_missing" },
    { args: [square], code: "option_missing" },
    { args: [square, echo, "--input", "x"], code: "option_missing" },
    { args: [square, "--inptu", "x"], code: "unknown_option" },
    { args: [square, "--input", "x", "--config", "novalue"], code: "option_invalid" },
    { args: [square, "--input", "x", "--env-key", "HOME"], code: "option_invalid" },
    { args: [square, "--input", "x", "--time-limit", "0"], code: "option_invalid" },
    { args: [square, "--input", "x", "--fuel-limit", "-1"], code: "unknown_option" },
    { args: [square, "--input", "0x123"], code: "invalid_value" },
    { args: [square, "--input", "@/nowhere"], code: "file_unreadable" },
    { args: ["/nowhere.wasm", "--input", "x"], code: "file_unreadable" },
    { args: [square, "--simulates-trigger", "{"], code: "invalid_json" },
    { args: [square, "--simulates-trigger", '{"Cron":{"trigger_time":"soon"}}'], code: "invalid_value" },
  ];
  for (const { args, code } of cases) assertCode((await exec(...args)).error, code);
});

Deno.test("exec leaves nothing behind", async () => {
  const directory = await Deno.makeTempDir();
  const before = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", directory);
  try {
    assert.equal((await exec(square, "--input", '{"x":5}')).error, undefined);
    assertCode((await exec(square, "--input", "nope")).error, "guest_error");
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
    await Deno.remove(directory, { recursive: true });
  }
});
