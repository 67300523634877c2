/**
 * Prints what the changelog says of a version: `deno run --allow-read scripts/release/notes.ts v0.2.0`.
 *
 * The first step of a release: it refuses a tag that the sources do not call themselves by, and a version nothing is
 * written about.
 */
import { VERSION } from "@/version.ts";
import { runScript, say } from "../script.ts";

/**
 * The text below the heading of a version, `## 0.2.0` or `## 0.2.0 - 2026-11-30`, up to the next one.
 *
 * @throws Error when there is none, or nothing below it
 */
export function notesOf(changelog: string, version: string): string {
  const lines = changelog.split("\n");
  const start = lines.findIndex((line) => line === `## ${version}` || line.startsWith(`## ${version} `));
  if (start < 0) {
    throw new Error(
      `Cannot release "${version}" because CHANGELOG.md has no heading "## ${version}"; ` +
        `put it below "## Unreleased", above what the version brings`,
    );
  }
  const end = lines.findIndex((line, at) => at > start && line.startsWith("## "));
  const notes = lines.slice(start + 1, end < 0 ? undefined : end).join("\n").trim();
  if (notes === "") {
    throw new Error(
      `Cannot release "${version}" because CHANGELOG.md says nothing below "## ${version}"; write what it brings`,
    );
  }
  return notes;
}

/**
 * The version a tag names: `v0.2.0` is `0.2.0`.
 *
 * @throws Error when it is not the sources' own
 */
export function versionOfTag(tag: string, own: string): string {
  if (tag === `v${own}`) return own;
  throw new Error(
    `Cannot release the tag "${tag}" because deno.json has version "${own}"; tag it "v${own}" or change deno.json`,
  );
}

if (import.meta.main) {
  await runScript("notes", async () => {
    const version = versionOfTag(Deno.args[0] ?? "", VERSION);
    say(notesOf(await Deno.readTextFile(new URL("../../CHANGELOG.md", import.meta.url)), version));
    return 0;
  });
}
