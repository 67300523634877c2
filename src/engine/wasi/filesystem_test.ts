import assert from "node:assert/strict";
import type { Descriptor } from "./descriptor.ts";
import { createFilesystem } from "./filesystem.ts";
import { MAX_FILE_BYTES, MAX_OPEN_DESCRIPTORS } from "./limits.ts";
import { type DirectoryLimits, ServiceDirectory } from "./service_directory.ts";
import { createScope } from "./testing/scope.ts";

const TEXT = new TextEncoder().encode("hello");
const READ_WRITE = { read: true, write: true };

function openRoot(limits?: DirectoryLimits) {
  const directory = Deno.realPathSync(Deno.makeTempDirSync());
  const { scope } = createScope();
  const interfaces = createFilesystem({ directory: new ServiceDirectory(directory, limits) }, scope);
  const getDirectories = interfaces["wasi:filesystem/preopens"]?.getDirectories as () => [Descriptor, string][];
  const [preopen] = getDirectories();
  assert.ok(preopen);
  const [root, name] = preopen;
  return {
    root,
    name,
    scope,
    directory,
    create: (path: string) => root.openAt({}, path, { create: true }, READ_WRITE),
    [Symbol.dispose]() {
      scope[Symbol.dispose]();
      Deno.removeSync(directory, { recursive: true });
    },
  };
}

function answers(code: string): (error: unknown) => boolean {
  return (error) => error === code;
}

Deno.test("without the permission there is no directory at all", () => {
  const { scope } = createScope();
  const interfaces = createFilesystem({ directory: undefined }, scope);
  const getDirectories = interfaces["wasi:filesystem/preopens"]?.getDirectories as () => unknown[];
  assert.deepEqual(getDirectories(), []);
});

Deno.test("the one directory is called . and holds what was written to it", () => {
  using opened = openRoot();
  assert.equal(opened.name, ".");
  const file = opened.create("a.txt");
  assert.equal(file.write(TEXT, 0n), 5n);
  assert.deepEqual(file.read(100n, 1n), [TEXT.subarray(1), false]);
  assert.deepEqual(file.read(100n, 5n), [new Uint8Array(), true]);
  assert.equal(Deno.readTextFileSync(`${opened.directory}/a.txt`), "hello");
});

Deno.test("streams read, write and append, and outlive the descriptor they came from", () => {
  using opened = openRoot();
  const file = opened.create("log");
  const [start, end] = [file.writeViaStream(0n), file.appendViaStream()];
  file[Symbol.dispose]();
  start.write(TEXT);
  end.write(TEXT);
  start[Symbol.dispose]();
  end[Symbol.dispose]();
  const input = opened.root.openAt({}, "log", {}, { read: true }).readViaStream(3n);
  assert.equal(new TextDecoder().decode(input.read(100n)), "lohello");
  assert.throws(() => input.read(100n), { tag: "closed" });
});

Deno.test("a file is used only as it was opened", () => {
  using opened = openRoot();
  opened.create("a")[Symbol.dispose]();
  const readOnly = opened.root.openAt({}, "a", {}, { read: true });
  assert.throws(() => readOnly.write(TEXT, 0n), answers("bad-descriptor"));
  const writeOnly = opened.root.openAt({}, "a", {}, { write: true });
  assert.throws(() => writeOnly.read(1n, 0n), answers("bad-descriptor"));
  assert.throws(() => readOnly.readDirectory(), answers("not-directory"));
  assert.throws(() => opened.root.readViaStream(0n), answers("is-directory"));
});

Deno.test("open flags are kept", () => {
  using opened = openRoot();
  const { root } = opened;
  root.createDirectoryAt("dir");
  opened.create("a").write(TEXT, 0n);
  const open = (path: string, flags: Parameters<Descriptor["openAt"]>[2]) => root.openAt({}, path, flags, READ_WRITE);
  assert.throws(() => open("a", { create: true, exclusive: true }), answers("exist"));
  assert.throws(() => open("a", { directory: true }), answers("not-directory"));
  assert.throws(() => open("b", {}), answers("no-entry"));
  assert.throws(() => open("b", { directory: true }), answers("no-entry"));
  assert.throws(() => open("dir", {}), answers("is-directory"));
  assert.throws(() => open("b", { create: true, directory: true }), answers("invalid"));
  assert.equal(open("a", { truncate: true }).read(10n, 0n)[1], true);
});

Deno.test("a directory lists its entries in the order of their names and goes only when empty", () => {
  using opened = openRoot();
  const { root } = opened;
  root.createDirectoryAt("dir");
  for (const name of ["dir/c", "dir/a", "dir/b"]) opened.create(name)[Symbol.dispose]();
  const entries = root.openAt({}, "dir", { directory: true }, { read: true }).readDirectory();
  const names = [entries, entries, entries].map((stream) => stream.readDirectoryEntry()?.name);
  assert.deepEqual(names, ["a", "b", "c"]);
  assert.equal(entries.readDirectoryEntry(), undefined);
  assert.throws(() => root.removeDirectoryAt("dir"), answers("not-empty"));
  assert.throws(() => root.unlinkFileAt("dir"), answers("is-directory"));
  for (const name of ["a", "b", "c"]) root.unlinkFileAt(`dir/${name}`);
  root.removeDirectoryAt("dir");
  assert.throws(() => root.statAt({}, "dir"), answers("no-entry"));
});

Deno.test("the directory itself cannot be removed or renamed, nor left by .. from below", () => {
  using opened = openRoot();
  const { root } = opened;
  root.createDirectoryAt("dir");
  const below = root.openAt({}, "dir", { directory: true }, { read: true });
  assert.throws(() => below.openAt({}, "../x", { create: true }, READ_WRITE), answers("not-permitted"));
  assert.throws(() => root.removeDirectoryAt("dir/.."), /./);
  assert.throws(() => root.renameAt(".", root, "elsewhere"), /./);
  assert.throws(() => root.symlinkAt("target", "link"), answers("not-permitted"));
  assert.equal(Deno.statSync(opened.directory).isDirectory, true);
});

Deno.test("renamed and linked files are the same files", () => {
  using opened = openRoot();
  const { root } = opened;
  opened.create("a").write(TEXT, 0n);
  root.renameAt("a", root, "b");
  root.linkAt({}, "b", root, "c");
  assert.deepEqual(root.metadataHashAt({}, "b"), root.metadataHashAt({}, "c"));
  const [left, right] = ["b", "c"].map((path) => root.openAt({}, path, {}, { read: true }));
  assert.ok(left && right && left.isSameObject(right));
  assert.equal(left.isSameObject(root), false);
});

Deno.test("times are set to the given instant, or left alone", () => {
  using opened = openRoot();
  const file = opened.create("a");
  const instant = { seconds: 1_700_000_000n, nanoseconds: 5_000_000 };
  file.setTimes({ tag: "no-change" }, { tag: "timestamp", val: instant });
  const stat = file.stat() as { dataModificationTimestamp: unknown; type: string; size: bigint };
  assert.deepEqual(stat.dataModificationTimestamp, instant);
  assert.deepEqual([stat.type, stat.size], ["regular-file", 0n]);
});

Deno.test("size of a file and number of open files are bounded, and closing makes room", () => {
  using opened = openRoot();
  const file = opened.create("a");
  assert.throws(() => file.write(TEXT, BigInt(MAX_FILE_BYTES)), answers("file-too-large"));
  assert.throws(() => file.setSize(2n ** 60n), answers("file-too-large"));
  const others = Array.from({ length: MAX_OPEN_DESCRIPTORS - 1 }, () => opened.create("a"));
  assert.throws(() => opened.create("a"), answers("insufficient-memory"));
  others[0]?.[Symbol.dispose]();
  opened.create("a");
});

Deno.test("a service cannot keep more bytes than it may, however it holds on to them", () => {
  using opened = openRoot({ maxBytes: 1000, maxEntries: 100 });
  const { root } = opened;
  const file = opened.create("a");
  file.write(new Uint8Array(900), 0n);
  file.write(new Uint8Array(900), 0n);
  assert.throws(() => file.write(new Uint8Array(101), 900n), answers("quota"));
  assert.throws(() => file.setSize(1001n), answers("quota"));
  root.linkAt({}, "a", root, "b");
  root.unlinkFileAt("a");
  assert.throws(() => file.setSize(1001n), answers("quota"));
  root.unlinkFileAt("b");
  const other = opened.create("c");
  assert.throws(() => other.setSize(101n), answers("quota"));
  file[Symbol.dispose]();
  other.setSize(1000n);
  other.setSize(0n);
  other.appendViaStream().write(new Uint8Array(1000));
  const stream = other.appendViaStream();
  assert.throws(() => {
    stream.write(new Uint8Array(1));
    stream.blockingFlush();
  }, /./);
});

Deno.test("a service cannot make more entries than it may, and deleting makes room", () => {
  using opened = openRoot({ maxBytes: 1000, maxEntries: 3 });
  const { root } = opened;
  root.createDirectoryAt("dir");
  opened.create("dir/a")[Symbol.dispose]();
  root.linkAt({}, "dir/a", root, "dir/b");
  for (let tries = 0; tries < 3; tries++) {
    assert.throws(() => opened.create("c"), answers("quota"));
    assert.throws(() => root.createDirectoryAt("c"), answers("quota"));
    assert.throws(() => root.linkAt({}, "dir/a", root, "c"), answers("quota"));
  }
  opened.create("dir/a")[Symbol.dispose]();
  root.unlinkFileAt("dir/b");
  opened.create("c")[Symbol.dispose]();
});
