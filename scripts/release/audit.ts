/**
 * Asks the registry for known vulnerabilities of all locked packages: `deno task audit [--ignore=CVE-…]`.
 *
 * Exits 1 when there are some, and 2 when the registry did not tell, which `deno audit` answers alike.
 */
import { reasonOf } from "../deno_error.ts";
import { complain, runScript, say } from "../script.ts";

/** What a run of `deno audit` came to. */
export interface AuditEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What to exit with, and what to say; `undefined` when `deno audit` has said it. */
export function judge({ code, stdout, stderr }: AuditEnd): { readonly code: 0 | 1 | 2; readonly complaint?: string } {
  if (code === 0 && /^No known vulnerabilities found$/m.test(stdout)) return { code: 0 };
  if (/^Found \d+ vulnerabilities$/m.test(stdout)) return { code: code === 0 ? 0 : 1 };
  const complaint = `Cannot tell whether packages have known vulnerabilities because the registry did not say: ${
    reasonOf(stderr)
  }; try again where it can be asked`;
  return { code: 2, complaint };
}

if (import.meta.main) {
  await runScript("audit", async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["audit", ...Deno.args],
      cwd: new URL("../../", import.meta.url),
      env: { NO_COLOR: "1" },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
    if (out) say(out);
    const end = judge({ code, stdout: out ?? "", stderr: err ?? "" });
    if (end.complaint !== undefined) complain(`audit: ${end.complaint}`);
    return end.code;
  });
}
