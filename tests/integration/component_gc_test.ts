import assert from "node:assert/strict";
import { runComponent } from "@/cli/component/command.ts";
import { systemClock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/mod.ts";
import { ComponentStore } from "@/engine/component_store.ts";
import { openDatabase, ServiceTable } from "@/storage/mod.ts";
import { idOf, serviceOf } from "@tests/support/engine.ts";
import { createHome } from "@tests/support/node_home.ts";
import { startTestNode } from "@tests/support/node.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A data directory as a stopped node leaves it: a service of two components, and components of nobody. */
async function stoppedNode() {
  const data = await Deno.makeTempDir();
  const store = new ComponentStore({ dataDirectory: data, durability: "process" }, { clock: systemClock });
  const put = (text: string) => store.put(new TextEncoder().encode(text));
  const [operator, aggregator] = [await put("operator"), await put("aggregator")];
  const garbage = [await put("garbage"), await put("more garbage")].sort();
  const service = serviceOf({ operator, aggregator });
  using database = openDatabase({ path: `${data}/wavs.sqlite`, durability: "process" });
  new ServiceTable(database).put({ serviceId: idOf(service), service, since: undefined }, 0);
  return {
    data,
    store,
    garbage,
    service,
    used: [operator, aggregator].sort(),
    [Symbol.asyncDispose]: () => Deno.remove(data, { recursive: true }),
  };
}

async function collect(...args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  assert.equal(await runComponent(["gc", ...args], { color: false, line: (text = "") => void lines.push(text) }), 0);
  return lines.join("\n");
}

Deno.test("component gc removes what no service runs, and keeps operator's and aggregator's components", async () => {
  await using node = await stoppedNode();
  const report = JSON.parse(await collect("--data", node.data, "--json"));
  assert.equal(report.dry_run, false);
  assert.deepEqual(report.removed.map(({ digest }: { digest: string }) => digest), node.garbage);
  assert.equal(report.freed_bytes, "garbage".length + "more garbage".length);
  assert.deepEqual(report.kept, node.used);
  assert.deepEqual(await node.store.list(), node.used);
  assert.match(await collect("--data", node.data), /^0 components removed \(0\.00 MB\), 2 kept/);
});

Deno.test("component gc --dry-run names what would go and removes nothing", async () => {
  await using node = await stoppedNode();
  const text = await collect("--data", node.data, "--dry-run");
  for (const digest of node.garbage) {
    assert.match(text, new RegExp(`^ {2}${digest} .*last used \\d{4}-\\d\\d-\\d\\d$`, "m"));
  }
  assert.match(text, /^2 components would be removed \(0\.00 MB\), 2 kept/m);
  assert.equal((await node.store.list()).length, 4);
});

Deno.test("component gc keeps what was used lately when told so, and removes writes that were cut short", async () => {
  await using node = await stoppedNode();
  const [old = "", recent] = node.garbage;
  const directory = `${node.data}/ca/${old.slice(0, 2)}/${old.slice(2, 4)}`;
  const twoDaysAgo = (Date.now() - 2 * DAY_MS) / 1000;
  await Deno.utime(`${directory}/${old}`, twoDaysAgo, twoDaysAgo);
  await Deno.writeTextFile(`${directory}/${old}.1.part`, "gar");
  const report = JSON.parse(await collect("--data", node.data, "--older-than-days", "1", "--json"));
  assert.deepEqual(report.removed.map(({ digest }: { digest: string }) => digest), [old]);
  assert.deepEqual(await node.store.list(), [...node.used, recent].sort());
  assert.deepEqual((await node.store.inventory()).leftovers, []);
});

Deno.test("component gc takes the components of a service that was removed", async () => {
  await using node = await stoppedNode();
  {
    using database = openDatabase({ path: `${node.data}/wavs.sqlite`, durability: "process" });
    new ServiceTable(database).remove(idOf(node.service));
  }
  await collect("--data", node.data);
  assert.deepEqual(await node.store.list(), []);
});

Deno.test("component gc refuses while a node runs on the directory, and where no node ever did", async () => {
  await using home = await createHome();
  {
    await using _node = await startTestNode(home);
    await assert.rejects(collect("--home", home.path), (error) => {
      assert.ok(isWavsError(error, "data_locked"), `${error}`);
      assert.match(error.message, /a node is running on it; stop it first/);
      return true;
    });
  }
  assert.match(await collect("--home", home.path), /^0 components removed/);
  await assert.rejects(collect("--data", `${home.path}/none`), (error) => {
    assert.ok(isWavsError(error, "data_missing"), `${error}`);
    return true;
  });
  assert.deepEqual([...Deno.readDirSync(home.path)].map(({ name }) => name).sort(), ["data", "wavs.toml"]);
});

Deno.test("component gc refuses options it does not have and values that do not fit", async () => {
  await assert.rejects(collect("--force"), (error) => isWavsError(error, "unknown_option"));
  await assert.rejects(collect("everything"), (error) => isWavsError(error, "unknown_option"));
  await assert.rejects(collect("--older-than-days", "-1"), (error) => error instanceof Error);
  await assert.rejects(collect("--older-than-days", "soon"), (error) => isWavsError(error, "option_invalid"));
  await assert.rejects(runComponent(["tidy"]), (error) => isWavsError(error, "unknown_command"));
  assert.match(await collect("--help"), /--dry-run/);
});
