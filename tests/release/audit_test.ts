import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { judge } from "../../scripts/release/audit.ts";
import { ROOT } from "./workflows.ts";

const ADVISORIES = {
  hono: [{
    id: 1,
    url: "https://example.com/advisory",
    title: "A made up weakness",
    severity: "high",
    vulnerable_versions: "<99.0.0",
    cwe: [],
    cvss: { score: 0, vectorString: null },
  }],
};

Deno.test("an audit passes when the registry, asked for every locked package, knows nothing", async () => {
  const { code, stdout, asked } = await audit(() => Response.json({}));
  assert.equal(code, 0);
  assert.equal(stdout, "No known vulnerabilities found\n");
  for (const name of ["viem", "libp2p", "yaml"]) assert.ok(name in asked, name);
});

Deno.test("an audit fails with what is known", async () => {
  const { code, stdout } = await audit(() => Response.json(ADVISORIES));
  assert.equal(code, 1);
  assert.match(stdout, /A made up weakness/);
  assert.match(stdout, /Found 1 vulnerabilities/);
});

Deno.test("an audit that the registry does not answer is no pass: it says so in a sentence, and exits 2", async () => {
  const { code, stdout, stderr } = await audit(() => new Response("no", { status: 405 }));
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^audit: Cannot tell whether packages have known vulnerabilities because .+; try again .+\n$/);
});

Deno.test("an audit whose end is of a kind not known is no pass", () => {
  for (const code of [0, 1, 101]) assert.equal(judge({ code, stdout: "", stderr: "" }).code, 2, String(code));
  const cut = judge({ code: 1, stdout: "", stderr: "error: it broke\n\nCaused by:\n    0: one\n    1: the wire\n" });
  assert.match(cut.complaint ?? "", /did not say: the wire; try again/);
});

interface Audited {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the registry was asked for: versions by name. */
  readonly asked: Readonly<Record<string, readonly string[]>>;
}

/** Runs the task's command against a registry of our own; `deno task` itself would fetch every package from it. */
async function audit(answer: () => Response): Promise<Audited> {
  let asked = {};
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (new URL(request.url).pathname !== "/-/npm/v1/security/advisories/bulk") {
      return new Response(null, { status: 404 });
    }
    asked = await request.json();
    return answer();
  });
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", config.tasks.audit.command],
    cwd: ROOT,
    env: { NO_COLOR: "1", NPM_CONFIG_REGISTRY: `http://127.0.0.1:${server.addr.port}/` },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out ?? "", stderr: err ?? "", asked };
}
