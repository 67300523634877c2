/**
 * Proves that time, randomness for decisions, the network and workers are reached only where it is said below: all else
 * is given a `Context` or a collaborator, which is what lets tests hold the clock. `deno task ok` runs it.
 */

/** Globals that no code may use but the named files, each with its reason. */
const RULES: readonly { readonly pattern: RegExp; readonly allowed: Readonly<Record<string, string>> }[] = [
  {
    pattern: /\b(?:setTimeout|setInterval|Date\.now|performance\.now)\(|\bnew Date\(\)/,
    allowed: {
      "src/context/clock.ts": "the clock",
      "src/link/supervisor.ts": "a worker that does not start must not wait for a clock that a test holds",
      "src/cli/": "commands measure what they show to a person",
    },
  },
  { pattern: /\bMath\.random\b/, allowed: { "src/context/context.ts": "the source of jitter" } },
  {
    pattern: /(?<![.#\w])fetch\(/,
    allowed: {
      "src/chains/evm/http_endpoint.ts": "JSON-RPC to configured endpoints",
      "src/cli/": "commands talk to the node's API",
    },
  },
  { pattern: /\bnew Worker\(/, allowed: { "src/link/supervisor.ts": "every worker is kept by a supervisor" } },
];

async function* sources(directory: string): AsyncIterable<string> {
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (path.endsWith(".ts") && !path.endsWith("_test.ts") && !path.includes("/testing/")) yield path;
  }
}

/** Comments and strings speak of these names, too. */
function isCode(line: string): boolean {
  return !/^\s*(?:\/\/|\/?\*)/.test(line);
}

let files = 0;
const complaints: string[] = [];
const used = new Set<string>();
for await (const path of sources("src")) {
  files++;
  const lines = (await Deno.readTextFile(path)).split("\n");
  for (const [index, line] of lines.entries()) {
    for (const { pattern, allowed } of RULES) {
      const match = isCode(line) ? pattern.exec(line)?.[0] : undefined;
      if (match === undefined) continue;
      const place = Object.keys(allowed).find((start) => path.startsWith(start));
      if (place === undefined) {
        complaints.push(`${path}:${index + 1}: "${match}" belongs into a Context or a collaborator`);
      } else used.add(`${pattern}${place}`);
    }
  }
}
for (const { pattern, allowed } of RULES) {
  for (const place of Object.keys(allowed)) {
    if (!used.has(`${pattern}${place}`)) complaints.push(`"${place}" no longer needs the exception from ${pattern}`);
  }
}

const report = [...complaints, `check_globals: ${files} files, ${complaints.length} wrong`].join("\n");
await Deno.stdout.write(new TextEncoder().encode(`${report}\n`));
if (complaints.length > 0) Deno.exit(1);
