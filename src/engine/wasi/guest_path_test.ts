import assert from "node:assert/strict";
import fc from "fast-check";
import { resolveBeneath } from "./guest_path.ts";

/** A tree with links of every kind: inside, upwards, absolute, in a circle. */
function makeTree() {
  const base = Deno.realPathSync(Deno.makeTempDirSync());
  const root = `${base}/root`;
  Deno.mkdirSync(`${root}/dir/inner`, { recursive: true });
  Deno.writeTextFileSync(`${base}/secret`, "secret");
  Deno.writeTextFileSync(`${root}/file`, "file");
  Deno.symlinkSync("dir/inner", `${root}/inside`);
  Deno.symlinkSync("../file", `${root}/dir/back`);
  Deno.symlinkSync("..", `${root}/up`);
  Deno.symlinkSync("../..", `${root}/dir/far`);
  Deno.symlinkSync(`${base}/secret`, `${root}/absolute`);
  Deno.symlinkSync("circle", `${root}/circle`);
  return { base, root, [Symbol.dispose]: () => Deno.removeSync(base, { recursive: true }) };
}

Deno.test("a path is found below its root, dots and inner links included", () => {
  using tree = makeTree();
  const find = (path: string, followLast = true) => resolveBeneath(tree.root, path, { followLast });
  assert.equal(find("."), tree.root);
  assert.equal(find("dir/./inner/../inner"), `${tree.root}/dir/inner`);
  assert.equal(find("inside"), `${tree.root}/dir/inner`);
  assert.equal(find("inside", false), `${tree.root}/inside`);
  assert.equal(find("dir/back"), `${tree.root}/file`);
  assert.equal(find("dir/new"), `${tree.root}/dir/new`, "the last part may be missing");
});

Deno.test("a path that leads out, or nowhere, is refused with the code of its reason", () => {
  using tree = makeTree();
  const cases: readonly (readonly [string, string])[] = [
    ["..", "not-permitted"],
    ["dir/../../secret", "not-permitted"],
    ["/etc/passwd", "not-permitted"],
    ["absolute", "not-permitted"],
    ["up/secret", "not-permitted"],
    ["dir/far/secret", "not-permitted"],
    ["circle", "loop"],
    ["missing/file", "no-entry"],
    ["", "no-entry"],
    ["file/below", "not-directory"],
    ["file/", "not-directory"],
    ["a\0b", "invalid"],
    ["x".repeat(5000), "name-too-long"],
  ];
  for (const [path, code] of cases) {
    assert.throws(() => resolveBeneath(tree.root, path, { followLast: true }), (error) => error === code, path);
  }
});

Deno.test("no path whatever leads out of its root", () => {
  using tree = makeTree();
  const part = fc.constantFrom("..", ".", "", "dir", "inner", "file", "inside", "back", "up", "far", "absolute", "new");
  const paths = fc.array(part, { minLength: 1, maxLength: 10 }).map((parts) => parts.join("/"));
  fc.assert(fc.property(paths, fc.boolean(), (path, followLast) => {
    let host: string;
    try {
      host = resolveBeneath(tree.root, path, { followLast });
    } catch (error) {
      return typeof error === "string";
    }
    if (host === tree.root) return true;
    // Where the system would go: for a path that was followed to its end, the file itself.
    const reached = followLast && exists(host) ? host : host.slice(0, host.lastIndexOf("/"));
    return `${Deno.realPathSync(reached)}/`.startsWith(`${tree.root}/`);
  }));
});

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
