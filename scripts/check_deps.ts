/**
 * Proves the dependency direction of the architecture: imports go downhill only, and subsystems never import one
 * another. `deno task ok` runs it.
 */

/** Lower folders know nothing of higher ones. Folders of one rank never import each other. */
const RANKS: readonly (readonly string[])[] = [
  ["domain"],
  ["context"],
  ["link"],
  ["storage", "config", "chains", "telemetry"],
  ["triggers", "engine", "signer", "verifier", "p2p", "aggregator", "submission"],
  ["journal"],
  ["services", "quorum"],
  ["dispatcher", "http"],
  ["root"],
  ["cli"],
];

/** A subsystem's contract (`types.ts`) may be known by anybody above it, and by these at its side. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ["aggregator/worker.ts → submission/mod.ts", "the composition root of the aggregator worker"],
]);

const rankOf = new Map(RANKS.flatMap((folders, rank) => folders.map((folder) => [folder, rank] as const)));

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

async function* sources(directory: string): AsyncIterable<string> {
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (path.endsWith(".ts") && !path.endsWith("_test.ts") && !path.includes("/testing/")) yield path;
  }
}

const STATEMENT = /^(?:import|export)\b([^;]*?)from\s+"@\/([^"]+)"/gms;
const DYNAMIC = /\bimport\("@\/([^"]+)"\)/g;

function importsOf(path: string, text: string): Import[] {
  const from = path.replace(/^src\//, "");
  const found = [...text.matchAll(STATEMENT)].map(([, what, to]) => ({
    from,
    to: to ?? "",
    typeOnly: /^\s*type\b/.test(what ?? ""),
  }));
  const dynamic = [...text.matchAll(DYNAMIC)].map(([, to]) => ({ from, to: to ?? "", typeOnly: false }));
  return [...found, ...dynamic];
}

function folderOf(path: string): string {
  const [folder, ...rest] = path.split("/");
  return rest.length === 0 ? "root" : folder ?? "root";
}

function complaint({ from, to, typeOnly }: Import): string | undefined {
  const [above, below] = [folderOf(from), folderOf(to)];
  if (above === below) return undefined;
  const [fromRank, toRank] = [rankOf.get(above), rankOf.get(below)];
  if (fromRank === undefined || toRank === undefined) return "a folder without a rank: give it one in RANKS";
  if (EXCEPTIONS.has(`${from} → ${to}`)) return undefined;
  if (fromRank < toRank) return "goes uphill";
  if (fromRank === toRank && !(typeOnly && to.endsWith("/types.ts"))) return "stands beside it: meet in domain/";
  // The domain is a shelf of small pure files, not a subsystem: whoever needs one of them takes that one.
  if (below === "domain" || below === "root") return undefined;
  if (!/\/(mod|types)\.ts$/.test(to)) return "passes by its door: import mod.ts";
  return undefined;
}

const complaints: string[] = [];
let count = 0;
for await (const path of sources("src")) {
  for (const found of importsOf(path, await Deno.readTextFile(path))) {
    count++;
    const why = complaint(found);
    if (why !== undefined) complaints.push(`src/${found.from} imports @/${found.to}: ${why}`);
  }
}

const encoder = new TextEncoder();
for (const line of complaints) Deno.stderr.writeSync(encoder.encode(`${line}\n`));
Deno.stdout.writeSync(encoder.encode(`check_deps: ${count} imports between folders, ${complaints.length} wrong\n`));
Deno.exit(complaints.length === 0 ? 0 : 1);
