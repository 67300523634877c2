import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { VERSION } from "@/version.ts";
import { commandsOf, commandWith, expand, type Job, jobOf, readWorkflow, readWorkflows, ROOT } from "./workflows.ts";

const workflows = readWorkflows();
const release = readWorkflow("release.yml");

const jobs = workflows.flatMap(({ file, jobs }) =>
  Object.entries(jobs).map(([name, job]) => ({ place: `${name} in ${file}`, name, job }))
);

Deno.test("actions are pinned by commit, with the version beside it, and one action is one commit", () => {
  const pins = new Map<string, string>();
  for (const { file, text } of workflows) {
    const uses = text.split("\n").filter((line) => /^\s*(?:- )?uses:/.test(line));
    assert.ok(uses.length > 0, file);
    for (const line of uses) {
      const [, action = "", commit = ""] = /uses: ([\w-]+\/[\w-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$/.exec(line) ??
        assert.fail(`${file}: ${line.trim()}`);
      assert.equal(pins.get(action) ?? commit, commit, `${file}: ${action}`);
      pins.set(action, commit);
    }
  }
});

Deno.test("a job may do what it says, and only the one that publishes may write", () => {
  for (const { file, permissions } of workflows) assert.deepEqual(permissions, {}, file);
  for (const { place, name, job } of jobs) {
    const permissions = job.permissions ?? assert.fail(`${place} does not say what it may do`);
    if (place === "publish in release.yml") {
      assert.deepEqual(permissions, { contents: "write", "id-token": "write", attestations: "write" });
    } else {
      const expected = uses(job, "actions/checkout") ? { contents: "read" } : {};
      assert.deepEqual(permissions, expected, name);
    }
  }
});

Deno.test("the job that publishes runs nothing of the sources", () => {
  const publish = jobOf(release, "publish");
  assert.ok(!uses(publish, "actions/checkout") && !uses(publish, "denoland/setup-deno"));
  for (const command of commandsOf(publish)) assert.doesNotMatch(command, /\b(?:deno|npx?|node)\b/);
});

Deno.test("no job keeps the token of its checkout, and each has a time limit", () => {
  for (const { place, job } of jobs) {
    assert.ok(job["timeout-minutes"] !== undefined, place);
    for (const step of job.steps.filter((step) => step.uses?.startsWith("actions/checkout@"))) {
      assert.equal(step.with?.["persist-credentials"], false, place);
    }
  }
});

Deno.test("commands hold nothing that who pushes could choose", () => {
  for (const { place, job } of jobs) {
    for (const command of commandsOf(job)) {
      assert.doesNotMatch(command.replaceAll(/\$\{\{ matrix\.\w+ \}\}/g, ""), /\$\{\{/, place);
    }
  }
});

Deno.test("every command there is: tasks, scripts, and .ci/run", () => {
  let found = 0;
  for (const { place, job } of jobs) {
    for (const command of commandsOf(job)) {
      for (const [, task = ""] of command.matchAll(/\bdeno task ([\w:-]+)/g)) {
        assert.ok(task in config.tasks, `${place}: there is no task "${task}"`);
        found++;
      }
      for (const [path] of command.matchAll(/\bscripts\/[\w/]+\.ts\b|\.ci\/run\b/g)) {
        assert.ok(Deno.statSync(new URL(path, ROOT)).isFile, `${place}: ${path}`);
        found++;
      }
    }
  }
  assert.ok(found >= 7, `only ${found}`);
});

Deno.test("the checks of every commit are those of .ci/run, and a release begins with them", () => {
  assert.deepEqual(commandsOf(jobOf(readWorkflow("ci.yml"), "test")), [".ci/run"]);
  assert.deepEqual(commandsOf(jobOf(release, "test")), [".ci/run"]);
});

Deno.test("a release is made with the Deno that the checks use", () => {
  const [, version] = /deno@([\d.]+)/.exec(Deno.readTextFileSync(new URL(".ci/run", ROOT))) ?? [];
  const steps = jobs.flatMap(({ job }) => job.steps).filter(({ uses }) => uses?.startsWith("denoland/setup-deno@"));
  assert.ok(steps.length > 0);
  for (const step of steps) assert.equal(step.with?.["deno-version"], version);
});

Deno.test("nothing is published before everything else has passed", () => {
  const before = new Set<string>();
  const collect = (name: string): void => {
    before.add(name);
    for (const earlier of [jobOf(release, name).needs ?? []].flat()) collect(earlier);
  };
  collect("publish");
  assert.deepEqual([...before].sort(), Object.keys(release.jobs).sort());
});

Deno.test("whatever is compiled is also started, on a machine of its kind", () => {
  const started = jobOf(release, "start").strategy?.matrix.include ?? [];
  const compiled = jobOf(release, "compile").strategy?.matrix.include ?? [];
  assert.deepEqual(started.map(({ name }) => name), compiled.map(({ name }) => name));
  for (const { name = "", machine = "" } of started) {
    assert.match(machine, { linux: /^ubuntu/, macos: /^macos/, windows: /^windows/ }[name.split("-")[0] ?? ""] ?? /^$/);
    assert.equal(/-arm$|^macos-\d+$/.test(machine), name.endsWith("arm64"), name);
  }
});

Deno.test("an executable that says another version than the tag's, or none, ends the release", async () => {
  const command = commandWith(jobOf(release, "start"), "--version");
  const says = async (line: string) => {
    await using directory = await temporary();
    const executable = `${directory.path}/wavs`;
    await Deno.writeTextFile(executable, `#!/bin/sh\n${line}\n`);
    return (await shell(command, directory.path, { EXECUTABLE: executable, GITHUB_REF_NAME: `v${VERSION}` })).success;
  };
  assert.equal(await says(`echo "wavs ${VERSION}"`), true);
  assert.equal(await says(`echo "wavs ${VERSION}1"`), false);
  assert.equal(await says("exit 1"), false);
});

Deno.test("what is published is executables, what they are made of, and the checksums of it all", async () => {
  await using directory = await temporary();
  const { path } = directory;
  await Deno.mkdir(`${path}/dist`);
  await Deno.mkdir(`${path}/about`);
  await Deno.mkdir(`${path}/bin`);
  await Deno.writeTextFile(`${path}/dist/wavs-linux-x64`, "an executable");
  await Deno.writeTextFile(`${path}/about/wavs.cdx.json`, "{}");
  await Deno.writeTextFile(`${path}/bin/gh`, '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  await Deno.chmod(`${path}/bin/gh`, 0o755);
  const publish = jobOf(release, "publish");
  await succeeds(shell(commandWith(publish, "mv about/"), path));
  await succeeds(shell(commandWith(publish, "sha256sum"), `${path}/dist`));
  await succeeds(shell("sha256sum --check --strict SHA256SUMS", `${path}/dist`));
  const env = {
    PATH: `${path}/bin:${Deno.env.get("PATH")}`,
    GITHUB_REF_NAME: "v1.2.3",
    STANDING: "--latest",
    LC_ALL: "C",
  };
  assert.deepEqual((await succeeds(shell(commandWith(publish, "gh release"), path, env))).trim().split("\n"), [
    ...["release", "create", "v1.2.3", "dist/SHA256SUMS", "dist/wavs-linux-x64", "dist/wavs.cdx.json"],
    ...["--verify-tag", "--latest", "--title", "wavs 1.2.3", "--notes-file", "about/notes.md"],
  ]);
});

Deno.test("what one job uploads is what another downloads", () => {
  const names = (action: string) =>
    Object.values(release.jobs).flatMap((job) =>
      job.steps.filter(({ uses }) => uses?.startsWith(`actions/${action}@`)).flatMap((step) => {
        const name = step.with?.name ?? step.with?.pattern ?? assert.fail("an artifact without a name");
        return (job.strategy?.matrix.include ?? [{}]).map((row) => expand(String(name), row));
      })
    );
  const uploaded = names("upload-artifact");
  for (const name of names("download-artifact")) {
    const pattern = new RegExp(`^${name.replaceAll("*", ".*")}$`);
    assert.ok(uploaded.some((one) => pattern.test(one)), name);
  }
  assert.equal(new Set(uploaded).size, uploaded.length);
});

function uses({ steps }: Job, action: string): boolean {
  return steps.some((step) => step.uses?.startsWith(`${action}@`));
}

/** Runs a step as GitHub's runners run `bash`. */
function shell(command: string, cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Deno.CommandOutput> {
  return new Deno.Command("bash", { args: ["--noprofile", "--norc", "-eo", "pipefail", "-c", command], cwd, env })
    .output();
}

async function succeeds(output: Promise<Deno.CommandOutput>): Promise<string> {
  const { success, stdout, stderr } = await output;
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

interface Temporary extends AsyncDisposable {
  readonly path: string;
}

async function temporary(): Promise<Temporary> {
  const path = await Deno.makeTempDir({ prefix: "wavs-workflow-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
