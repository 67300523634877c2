import assert from "node:assert/strict";
import { notesOf, versionOfTag } from "../../scripts/release/notes.ts";
import { VERSION } from "@/version.ts";
import { ROOT } from "./workflows.ts";

const CHANGELOG = `# Changelog

What changes.

## Unreleased

- Not yet.

## 0.2.0 - 2026-12-01

- The second.
- With two lines.

## 0.2.0-rc.1

## 0.1.0

- The first.
`;

Deno.test("the notes of a version are what stands between its heading and the next", () => {
  assert.equal(notesOf(CHANGELOG, "0.2.0"), "- The second.\n- With two lines.");
  assert.equal(notesOf(CHANGELOG, "0.1.0"), "- The first.");
});

Deno.test("a version the changelog does not have is refused with what to write", () => {
  for (const version of ["0.3.0", "0.2", "0.2.0-rc", ""]) {
    assert.throws(() => notesOf(CHANGELOG, version), {
      message: `Cannot release "${version}" because CHANGELOG.md has no heading "## ${version}"; ` +
        `put it below "## Unreleased", above what the version brings`,
    }, version);
  }
});

Deno.test("a version the changelog says nothing of is refused", () => {
  assert.throws(() => notesOf(CHANGELOG, "0.2.0-rc.1"), {
    message:
      'Cannot release "0.2.0-rc.1" because CHANGELOG.md says nothing below "## 0.2.0-rc.1"; write what it brings',
  });
});

Deno.test("a tag must name the version of the sources", () => {
  assert.equal(versionOfTag("v0.2.0", "0.2.0"), "0.2.0");
  for (const tag of ["0.2.0", "v0.2.1", "v0.2.0-rc.1", ""]) {
    assert.throws(() => versionOfTag(tag, "0.2.0"), {
      message:
        `Cannot release the tag "${tag}" because deno.json has version "0.2.0"; tag it "v0.2.0" or change deno.json`,
    }, tag);
  }
});

Deno.test("the script tells in one line why a tag is no release", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", "scripts/release/notes.ts", "v99.0.0"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 1);
  assert.equal(new TextDecoder().decode(stdout), "");
  assert.equal(
    new TextDecoder().decode(stderr),
    `notes: Cannot release the tag "v99.0.0" because deno.json has version "${VERSION}"; ` +
      `tag it "v${VERSION}" or change deno.json\n`,
  );
});
