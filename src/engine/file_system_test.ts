import assert from "node:assert/strict";
import type { Service } from "@/domain/mod.ts";
import { idOf, payloadsOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";
import { MAX_SERVICE_WORKERS } from "./limits.ts";
import type { Engine } from "./types.ts";
import { MAX_FILE_BYTES, MAX_SERVICE_BYTES } from "./wasi/limits.ts";

type Operation = readonly [name: string, ...args: (string | number)[]];
type Answer = { readonly ok: unknown } | { readonly error: string };

const guest = await scriptGuest("files");

async function perform(engine: Engine, service: Service, ...script: Operation[]): Promise<Answer[]> {
  const [payload] = payloadsOf(await runService(engine, service, JSON.stringify(script)));
  return JSON.parse(payload ?? "[]");
}

/** The answers as short as they can be written: values, and error codes after an exclamation mark. */
async function brief(engine: Engine, service: Service, ...script: Operation[]): Promise<unknown[]> {
  return (await perform(engine, service, ...script)).map((each) => "ok" in each ? each.ok : `!${each.error}`);
}

function managerNo(index: number): string {
  return `0x${index.toString(16).padStart(40, "0")}`;
}

for (const carrier of ["in-thread", "worker"] as const) {
  Deno.test(`${carrier}: a service keeps its files and no other service sees them`, async () => {
    await using started = await startEngine({ carrier });
    const { engine, dataDirectory } = started;
    const operator = await engine.upload(guest);
    const [mine, other] = [1, 2].map((index) =>
      serviceOf({ operator, fileSystem: true, manager: managerNo(index) })
    ) as [Service, Service];
    assert.deepEqual(
      await brief(
        engine,
        mine,
        ["preopens"],
        ["mkdir", "dir"],
        ["write", "dir/a", "hello"],
        ["rename", "dir/a", "dir/b"],
        ["link", "dir/b", "dir/c"],
        ["read", "dir/c"],
        ["list", "dir"],
        ["stat", "dir"],
      ),
      [["."], "made", 5, "renamed", "linked", "hello", ["b", "c"], "directory"],
    );
    assert.deepEqual(await brief(engine, other, ["list", "."], ["read", "dir/b"]), [[], "!no-entry"]);
    assert.deepEqual(await brief(engine, mine, ["read", "dir/b"]), ["hello"], "another execution sees them");
    assert.equal(await Deno.readTextFile(`${dataDirectory}/app/${idOf(mine)}/dir/b`), "hello");

    await engine.removeServiceData(idOf(mine));
    await assert.rejects(Deno.stat(`${dataDirectory}/app/${idOf(mine)}`), Deno.errors.NotFound);
    assert.deepEqual(await brief(engine, mine, ["list", "."]), [[]], "registered anew it starts with nothing");
  });

  Deno.test(`${carrier}: nothing leads out of a service's directory`, async () => {
    await using started = await startEngine({ carrier });
    const { engine, dataDirectory } = started;
    const service = serviceOf({ operator: await engine.upload(guest), fileSystem: true });
    await brief(engine, service, ["write", "inside", "mine"]);
    const directory = `${dataDirectory}/app/${idOf(service)}`;
    await Deno.writeTextFile(`${dataDirectory}/secret`, "secret");
    await Deno.symlink("../../secret", `${directory}/up`);
    await Deno.symlink(`${dataDirectory}/secret`, `${directory}/absolute`);
    await Deno.symlink("..", `${directory}/parent`);
    await Deno.symlink("inside", `${directory}/honest`);
    const paths = ["../../secret", `${dataDirectory}/secret`, "up", "absolute", "parent/x", "a/../../x", "/etc/passwd"];
    for (const path of paths) {
      for (const operation of [["read", path], ["write", path, "x"], ["link", "inside", path]] as const) {
        const [answer] = await perform(engine, service, operation);
        assert.ok(answer !== undefined && "error" in answer, `${operation.join(" ")} gave ${JSON.stringify(answer)}`);
      }
    }
    assert.deepEqual(await brief(engine, service, ["symlink", "/etc", "etc"], ["read", "honest"]), [
      "!not-permitted",
      "mine",
    ]);
    assert.equal(await Deno.readTextFile(`${dataDirectory}/secret`), "secret");
  });
}

Deno.test("without the permission a component has no directory, and none is made", async () => {
  await using started = await startEngine();
  const { engine, dataDirectory } = started;
  const service = serviceOf({ operator: await engine.upload(guest) });
  assert.deepEqual(await brief(engine, service, ["preopens"], ["write", "a", "x"]), [[], "!no directory"]);
  await assert.rejects(Deno.stat(`${dataDirectory}/app`), Deno.errors.NotFound);
});

Deno.test("a service cannot fill the disk, and what it deletes is free for the next execution", async () => {
  await using started = await startEngine();
  const { engine } = started;
  const service = serviceOf({ operator: await engine.upload(guest), fileSystem: true });
  const rest = MAX_SERVICE_BYTES - MAX_FILE_BYTES + 1;
  assert.deepEqual(await brief(engine, service, ["grow", "big", MAX_FILE_BYTES], ["grow", "more", rest]), [
    "grown",
    "!quota",
  ]);
  assert.deepEqual(await brief(engine, service, ["unlink", "big"], ["grow", "more", rest]), ["gone", "grown"]);
});

Deno.test("a service whose directory is a link is not run", async () => {
  await using started = await startEngine();
  const { engine, dataDirectory } = started;
  const service = serviceOf({ operator: await engine.upload(guest), fileSystem: true });
  await Deno.mkdir(`${dataDirectory}/app`);
  await Deno.symlink(dataDirectory, `${dataDirectory}/app/${idOf(service)}`);
  await assert.rejects(runService(engine, service, "[]"), { code: "service_files_unavailable", retryable: true });
});

Deno.test("more services than workers kept for services take turns", async () => {
  await using started = await startEngine();
  const { engine } = started;
  const operator = await engine.upload(guest);
  const services = Array.from(
    { length: MAX_SERVICE_WORKERS + 4 },
    (_, index) => serviceOf({ operator, fileSystem: true, manager: managerNo(index) }),
  );
  const written = await Promise.all(
    services.map((service, index) => brief(engine, service, ["write", "mine", `${index}`])),
  );
  assert.ok(written.every(([bytes]) => typeof bytes === "number"), JSON.stringify(written));
  for (const [index, service] of services.entries()) {
    assert.deepEqual(await brief(engine, service, ["read", "mine"], ["list", "."]), [`${index}`, ["mine"]]);
  }
});
