/**
 * Refuses a package in the one file whose licence asks for more than naming its authors: `deno task licences`.
 *
 * Packages of tests and builds are not shipped, and may have any.
 */
import parseExpression from "spdx-expression-parse";
import { runScript, say } from "../script.ts";
import { idOf, type ShippedPackage, shippedPackages } from "./shipped_packages.ts";

/** SPDX ids, as a licence with an exception is written too. */
const PERMISSIVE: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "Apache-2.0 WITH LLVM-exception",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Unlicense",
  "Zlib",
]);

/** A parsed SPDX expression. */
type Expression =
  | { readonly license: string; readonly exception?: string; readonly plus?: true }
  | { readonly conjunction: "and" | "or"; readonly left: Expression; readonly right: Expression };

/** Why a package may not be shipped; `undefined` when it may. */
export function objectionTo(
  { licence, ...rest }: Pick<ShippedPackage, "name" | "version" | "licence">,
): string | undefined {
  const refused = (why: string) =>
    `Cannot ship "${idOf(rest)}" because ${why}; replace it, or keep it out of the program`;
  if (licence === undefined) return refused("it names no licence");
  let expression: Expression;
  try {
    expression = parseExpression(licence) as Expression;
  } catch {
    return refused(`its licence "${licence}" is no SPDX expression`);
  }
  return isPermissive(expression) ? undefined : refused(`its licence "${licence}" is not among the permissive ones`);
}

function isPermissive(expression: Expression): boolean {
  if ("conjunction" in expression) {
    const { conjunction, left, right } = expression;
    return conjunction === "or" ? isPermissive(left) || isPermissive(right) : isPermissive(left) && isPermissive(right);
  }
  const { license, exception } = expression;
  return PERMISSIVE.has(exception === undefined ? license : `${license} WITH ${exception}`);
}

if (import.meta.main) {
  await runScript("licences", async () => {
    const packages = await shippedPackages();
    const objections = packages.map(objectionTo).filter((objection) => objection !== undefined);
    if (objections.length > 0) throw new Error(objections.join("\nlicences: "));
    say(`licences: all ${packages.length} packages that are shipped have permissive ones`);
    return 0;
  });
}
