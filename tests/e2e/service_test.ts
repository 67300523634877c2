import assert from "node:assert/strict";
import { freePort } from "@tests/support/free_port.ts";
import { createHome, type HomeOptions } from "@tests/support/node_home.ts";
import { NodeProcess, type ProcessEnd } from "@tests/support/node_process.ts";
import { listenForNotifications } from "@tests/support/notify_socket.ts";
import { until } from "@tests/support/until.ts";

/** Where nobody listens: the node goes on asking, and says so when it is told to say much. */
const NOWHERE = freePort();

/** A second and a half, so that the node has to tell twice a second that it lives. */
const WATCHDOG_USEC = "1500000";

interface Records {
  readonly level: string;
  readonly msg: string;
  readonly module?: string;
}

/** A node that a service manager started, which the test is. */
async function startService(options: HomeOptions = {}, kind: "path" | "abstract" = "path") {
  await using stack = new AsyncDisposableStack();
  const socket = stack.use(await listenForNotifications(kind));
  const home = stack.use(await createHome(options));
  const node = stack.use(
    new NodeProcess(["run", "--home", home.path], { env: { NOTIFY_SOCKET: socket.address, WATCHDOG_USEC } }),
  );
  const file = `${home.path}/wavs.toml`;
  const records = () =>
    node.stderr.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Records);
  let end: ProcessEnd | undefined;
  void node.ended.then((value) => end = value);
  const ready = await until("the node is ready", () => {
    if (end !== undefined) throw new Error(`the node ended with code ${end.code}: ${end.stderr}`);
    return socket.received.find(({ READY }) => READY === "1");
  });
  const url = /http:\S+/.exec(ready.STATUS ?? "")?.[0] ?? "";
  const parts = stack.move();
  return {
    socket,
    node,
    url,
    records,
    /** Puts another text into wavs.toml and has it read; resolves with what the service manager is told then. */
    reload: async (change: (text: string) => string) => {
      await Deno.writeTextFile(file, change(await Deno.readTextFile(file)));
      const before = socket.received.length;
      node.signal("SIGHUP");
      await socket.next("RELOADING", before);
      return (await socket.next("READY", before)).STATUS ?? "";
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

for (const kind of ["path", "abstract"] as const) {
  Deno.test(`a service manager (${kind} name) hears that the node is ready, lives and stops`, async () => {
    await using service = await startService({}, kind);
    const { socket, node, url } = service;
    const response = await fetch(`${url}/info`);
    await response.body?.cancel();
    assert.equal(response.status, 200, "what is ready answers");
    await until(
      "the node says three times that it lives",
      () => socket.received.filter(({ WATCHDOG }) => WATCHDOG === "1").length >= 3,
    );
    assert.equal(socket.received.filter(({ READY }) => READY === "1").length, 1);

    const { code, stderr } = await node.kill("SIGTERM");
    assert.equal(code, 0, stderr);
    const last = await socket.next("STOPPING");
    assert.equal(socket.received.indexOf(last), socket.received.length - 1, "after that there is nothing to say");
  });
}

Deno.test("SIGHUP puts log levels and new chains in force, in the workers too, and names what needs a restart", async () => {
  await using service = await startService({
    settings: {
      log_level: '["error"]',
      p2p: `{ remote = { listen_port = ${freePort()}, bootstrap_nodes = ["/ip4/127.0.0.1/tcp/${NOWHERE}"] } }`,
    },
    chains: [{ chainId: 5, httpUrl: `http://127.0.0.1:${NOWHERE}` }],
  });
  const { records, url, reload } = service;
  assert.deepEqual(records(), []);
  const chain = `[default.chains.evm.6]\nws_endpoints = []\nhttp_endpoint = "http://127.0.0.1:${NOWHERE}/6"\n`;
  const status = await reload((text) =>
    text.replace('["error"]', '["debug"]').replace(/^port = .*/m, "port = 1").replace(`:${NOWHERE}"\n`, ':2"\n') + chain
  );
  assert.equal(
    status,
    "Configuration read again: in force log_level, chains.evm.6; needs a restart port, chains.evm.5",
  );
  await until(
    "the worker of the network says more",
    () => records().some(({ level, module }) => level === "debug" && module?.startsWith("p2p")),
  );
  const { log_level, chains } = await (await fetch(`${url}/config`)).json();
  assert.deepEqual(log_level, ["debug"]);
  assert.deepEqual(Object.keys(chains.evm).sort(), ["5", "6"]);

  const quiet = await reload((text) => text.replace('["debug"]', '["error"]'));
  assert.equal(quiet, "Configuration read again: in force log_level; needs a restart port, chains.evm.5");
  const { code, stderr } = await service.node.kill("SIGTERM");
  assert.equal(code, 0);
  assert.ok(!stderr.includes('"msg":"Stopping"'), "information is not asked for any more");
});

const BROKEN: Readonly<Record<string, (text: string) => string>> = {
  "that is no TOML": (text) => text.replace("[wavs]", "[wavs"),
  "with a wrong value": (text) => text.replace(/^port = .*/m, 'port = "eighty"'),
  "with a log filter that is none": (text) => `log_level = ["x=loud"]\n${text}`.replace(/^(.*\n)(\[wavs\]\n)/, "$2$1"),
};

Deno.test("SIGHUP with a broken file leaves everything as it is, with one sentence about why", async () => {
  await using service = await startService();
  const { records, url, reload } = service;
  const before = await (await fetch(`${url}/config`)).text();
  for (const [name, breakIt] of Object.entries(BROKEN)) {
    let intact = "";
    const count = records().length;
    const status = await reload((text) => {
      intact = text;
      return breakIt(text);
    });
    assert.match(status, /^The new configuration is not used: Cannot /, name);
    const complaints = records().slice(count);
    assert.deepEqual(complaints.map(({ level }) => level), ["error"], `${name}: ${JSON.stringify(complaints)}`);
    assert.equal(await (await fetch(`${url}/config`)).text(), before, name);
    assert.match(
      await reload(() => intact),
      /^Configuration read again: in force nothing; needs a restart nothing$/,
      name,
    );
  }
});
