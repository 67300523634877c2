import assert from "node:assert/strict";
import type { Logger } from "@/context/mod.ts";
import { MeteredModuleTable, openDatabase } from "@/storage/mod.ts";
import { payloadsOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { echoGuest, squareGuest } from "@tests/support/wat_guests.ts";
import { WavsError } from "@/domain/mod.ts";
import type { ComponentArtifact } from "./component/types.ts";
import { warmUp } from "./warm_up.ts";
import { componentKeyText } from "./worker_types.ts";

const DIGESTS = ["a", "b", "c", "d"].map((digit) => digit.repeat(64)) as [string, string, string, string];
const ARTIFACT: ComponentArtifact = { runtime: "direct", surface: { imports: [], exports: [] }, body: undefined };

/** What is linked, and what the log is told. */
async function linkedBy(
  services: Parameters<typeof warmUp>[0],
  { limit = 20, missing }: { readonly limit?: number; readonly missing?: string } = {},
) {
  const linked: string[] = [];
  const warned: unknown[] = [];
  const log: Logger = {
    error() {},
    warn: (_message, fields) => void warned.push(fields?.["digest"]),
    info() {},
    debug() {},
    trace() {},
    child: () => log,
  };
  await warmUp(services, { limit, signal: new AbortController().signal }, {
    log,
    artifact: ({ digest }) =>
      digest === missing
        ? Promise.reject(new WavsError("component_unknown", { message: "Cannot find it", retryable: false }))
        : Promise.resolve(ARTIFACT),
    link: (key) => Promise.resolve(void linked.push(componentKeyText(key))),
  });
  return { linked, warned };
}

Deno.test("operators' components come first, each once, up to the limit", async () => {
  const [a, b, c, d] = DIGESTS;
  const services = [
    serviceOf({ operator: a, aggregator: b }),
    serviceOf({ operator: a, aggregator: c }),
    serviceOf({ operator: d, http: true, aggregator: b }),
  ];
  const all = [`${a}/operator/-`, `${d}/operator/http`, `${b}/aggregator/http`, `${c}/aggregator/http`];
  assert.deepEqual(await linkedBy(services), { linked: all, warned: [] });
  assert.deepEqual((await linkedBy(services, { limit: 3 })).linked, all.slice(0, 3));
});

Deno.test("what cannot be made ready is told and keeps nothing else waiting", async () => {
  const [a, b] = DIGESTS;
  const services = [serviceOf({ operator: a, aggregator: b })];
  assert.deepEqual(await linkedBy(services, { missing: a }), { linked: [`${b}/aggregator/http`], warned: [a] });
});

Deno.test("nothing is made ready for a paused service, and nobody is started for one with files", async () => {
  const [a, b] = DIGESTS;
  const paused = { ...serviceOf({ operator: a }), status: "paused" as const };
  assert.deepEqual((await linkedBy([paused, serviceOf({ operator: b, fileSystem: true })])).linked, []);
});

Deno.test("after a restart the components of services run without being read or prepared again", async () => {
  const dataDirectory = await Deno.makeTempDir();
  using database = openDatabase({ path: ":memory:", durability: "process" });
  const meteredFiles = new MeteredModuleTable(database);
  try {
    let services: ReturnType<typeof serviceOf>[];
    {
      await using before = await startEngine({ dataDirectory, meteredFiles });
      const guests = await Promise.all([echoGuest(), squareGuest()]);
      services = (await Promise.all(guests.map((bytes) => before.engine.upload(bytes))))
        .map((operator) => serviceOf({ operator }));
    }
    await using after = await startEngine({ dataDirectory, meteredFiles, workers: 2 });
    await after.engine.warmUp(services);
    for (const directory of ["ca", "metered"]) await Deno.remove(`${dataDirectory}/${directory}`, { recursive: true });
    const [echo, square] = services as [typeof services[number], typeof services[number]];
    const runs = Array.from({ length: 6 }, async () => [
      payloadsOf(await runService(after.engine, echo, "hello")),
      payloadsOf(await runService(after.engine, square, `{"x":5}`)),
    ]);
    for (const answers of await Promise.all(runs)) assert.deepEqual(answers, [["hello"], [`{"y":25}`]]);
  } finally {
    await Deno.remove(dataDirectory, { recursive: true });
  }
});
