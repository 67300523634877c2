import assert from "node:assert/strict";
import { type GuestCall, runCalls } from "@tests/support/guest_scripts.ts";
import { serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";

const guest = await scriptGuest("descriptors");

const READ_WRITE = { read: true, write: true };

/** The service's directory is `root`, and the file `a` in it `file`; answers what follows. */
async function run(...calls: GuestCall[]): Promise<unknown[]> {
  await using started = await startEngine({ carrier: "in-thread" });
  const service = serviceOf({ operator: await started.engine.upload(guest), fileSystem: true });
  const opening: GuestCall[] = [
    ["roots = preopens.getDirectories"],
    ["file = roots.0.0.openAt", {}, "a", { create: true }, READ_WRITE],
    ["file.write", { text: "hello world" }, 0],
  ];
  const results = await runCalls(started.engine, service, ...opening, ...calls);
  assert.deepEqual(results.slice(1, 3), ["resource", 11]);
  return results.slice(3);
}

Deno.test("a guest reads, skips, writes and appends by streams, and splices one file into another", async () => {
  const results = await run(
    ["input = file.readViaStream", 0],
    ["input.skip", 2],
    ["input.blockingSkip", 1],
    ["input.read", 3],
    ["middle = file.writeViaStream", 6],
    ["middle.write", { text: "W" }],
    ["middle.flush"],
    ["end = file.appendViaStream"],
    ["end.blockingWriteAndFlush", { text: "!" }],
    ["copy = roots.0.0.openAt", {}, "b", { create: true }, READ_WRITE],
    ["from = file.readViaStream", 0],
    ["to = copy.writeViaStream", 0],
    ["to.splice", "$from", 5],
    ["to.blockingSplice", "$from", 100],
    ["to.blockingFlush"],
    ["copy.read", 100, 0],
    ["to.writeZeroes", 1],
    ["to.blockingWriteZeroesAndFlush", 1],
    ["copy.stat"],
  );
  assert.deepEqual(results.slice(1, 4), [2, 1, "lo "]);
  assert.deepEqual(results.slice(12, 16), [5, 7, null, ["hello World!", false]]);
  assert.equal((results[18] as { size: number }).size, 14);
});

Deno.test("a guest learns what a descriptor is, and whether two are the same file", async () => {
  const results = await run(
    ["file.getType"],
    ["roots.0.0.getType"],
    ["file.getFlags"],
    ["again = roots.0.0.openAt", {}, "a", {}, { read: true }],
    ["file.isSameObject", "$again"],
    ["file.isSameObject", "$roots.0.0"],
    ["file.metadataHash"],
    ["roots.0.0.metadataHashAt", {}, "a"],
    ["roots.0.0.metadataHashAt", {}, "."],
  );
  const [file, root, flags, , same, other, hash, hashAt, hashOfRoot] = results;
  assert.deepEqual([file, root, same, other], ["regular-file", "directory", true, false]);
  assert.deepEqual(flags, {
    read: true,
    write: true,
    fileIntegritySync: false,
    dataIntegritySync: false,
    requestedWriteSync: false,
    mutateDirectory: false,
  });
  assert.deepEqual(hash, hashAt);
  assert.notDeepEqual(hash, hashOfRoot);
});

Deno.test("a guest sets times, and syncs and advises to no harm", async () => {
  const at = (seconds: number) => ({ tag: "timestamp", val: { seconds, nanoseconds: 0 } });
  const results = await run(
    ["file.setTimes", at(1_000), at(2_000)],
    ["file.stat"],
    ["roots.0.0.setTimesAt", {}, "a", { tag: "no-change" }, at(3_000)],
    ["roots.0.0.statAt", {}, "a"],
    ["file.setTimes", { tag: "no-change" }, { tag: "now" }],
    ["file.stat"],
    ["file.advise", 0, 100, "sequential"],
    ["file.sync"],
    ["file.syncData"],
  );
  const times = (stat: unknown) => {
    const { dataAccessTimestamp: access, dataModificationTimestamp: modification } = stat as Record<
      string,
      { seconds: number }
    >;
    return [access?.seconds, modification?.seconds];
  };
  assert.deepEqual(times(results[1]), [1_000, 2_000]);
  assert.deepEqual(times(results[3]), [1_000, 3_000]);
  assert.ok(Number(times(results[5])[1]) > 1_700_000_000, "now is later than when this was written");
  assert.deepEqual(results.slice(6), [null, null, null]);
});

Deno.test("a guest removes directories and nothing else that way, and reads no link where there is none", async () => {
  const results = await run(
    ["roots.0.0.createDirectoryAt", "dir"],
    ["roots.0.0.removeDirectoryAt", "a"],
    ["roots.0.0.removeDirectoryAt", "dir"],
    ["roots.0.0.removeDirectoryAt", "dir"],
    ["roots.0.0.readlinkAt", "a"],
    ["roots.0.0.readlinkAt", "nothing"],
  );
  assert.deepEqual(results, [null, "!not-directory", null, "!no-entry", "!invalid", "!no-entry"]);
});

Deno.test("a guest asks why a stream of a file failed and is told the code", async () => {
  const results = await run(
    ["output = file.writeViaStream", Number.MAX_SAFE_INTEGER - 1],
    ["output.blockingWriteAndFlush", { text: "far out" }],
    ["files.filesystemErrorCode", "$error.val"],
  );
  assert.deepEqual(results, ["resource", '!{"tag":"last-operation-failed","val":"resource"}', "file-too-large"]);
});
