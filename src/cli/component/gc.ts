import { loadConfig } from "@/config/mod.ts";
import { systemClock } from "@/context/mod.ts";
import { type ComponentDigest, isWavsError, type Service, WavsError } from "@/domain/mod.ts";
import { collectComponents, type CollectionReport } from "@/engine/mod.ts";
import { type DataLock, lockDataDirectory, openDatabase, ServiceTable } from "@/storage/mod.ts";
import { type CommandOptions, invalidOption, optionsHelp, parseCommand, wantsHelp } from "../command_options.ts";
import { isFile } from "../is_file.ts";
import { styled, type Terminal } from "../terminal.ts";

const OPTIONS = {
  "dry-run": { type: "boolean", help: "Tell what would be removed, and remove nothing" },
  "older-than-days": { type: "string", value: "DAYS", help: "Keep what was stored or asked for since; default 0" },
  data: { type: "string", value: "DIR", help: "The data directory; default: the one wavs.toml names" },
  home: { type: "string", value: "DIR", help: "Where wavs.toml is" },
  json: { type: "boolean", help: "Print one line of JSON" },
} as const satisfies CommandOptions;

const MS_PER_DAY = 24 * 60 * 60 * 1000;

const HELP = `wavs component gc: remove stored components that belong to no service

  Works on the data directory of a stopped node and refuses while one runs on it. Components of registered services
  stay, operator's and aggregator's; so does everything else in the directory.

Options
${optionsHelp(OPTIONS)}`;

/**
 * `wavs component gc`.
 *
 * @returns the exit code of a success
 * @throws WavsError `data_locked` while a node uses the directory, `data_missing`, `option_invalid`, `storage_failed`
 */
export async function runCollection(args: readonly string[], terminal: Terminal): Promise<number> {
  if (wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  const { options, positionals } = parseCommand("component gc", OPTIONS, args);
  const [unexpected] = positionals;
  if (unexpected !== undefined) {
    throw new WavsError("unknown_option", {
      message: `The command "component gc" takes no argument such as "${unexpected}"; see wavs component gc --help`,
      retryable: false,
    });
  }
  const dryRun = options["dry-run"];
  const minAgeMs = parseDays(options["older-than-days"]) * MS_PER_DAY;
  const dataDirectory = findDataDirectory(options);
  using _lock = holdStopped(dataDirectory);
  const report = await collectComponents(
    { dataDirectory, referenced: referencedDigests(dataDirectory), minAgeMs, dryRun },
    { clock: systemClock },
  );
  if (options.json) terminal.line(JSON.stringify(encodeReport(report, dryRun)));
  else printReport(terminal, report, dryRun);
  return 0;
}

function parseDays(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw invalidOption("--older-than-days", text, "a whole number of days");
}

function findDataDirectory({ data, home }: { readonly data: string | undefined; readonly home: string | undefined }) {
  const flags = Object.entries({ data, home }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value]
  );
  return loadConfig({ args: flags }).config.data;
}

/** Takes the directory of a node that does not run. */
function holdStopped(directory: string): DataLock {
  // Locking would make it, and a mistyped path would look like a node without garbage.
  if (!isFile(databasePath(directory))) {
    throw new WavsError("data_missing", {
      message: `Cannot collect components in "${directory}" because no node keeps its data there; ` +
        "name its directory with --data or its wavs.toml with --home",
      retryable: false,
      meta: { directory },
    });
  }
  try {
    return lockDataDirectory(directory);
  } catch (cause) {
    if (!isWavsError(cause, "data_locked")) throw cause;
    throw new WavsError("data_locked", {
      message: `Cannot collect components in "${directory}" because a node is running on it; stop it first`,
      retryable: false,
      meta: { directory },
      cause,
    });
  }
}

function databasePath(directory: string): string {
  return `${directory}/wavs.sqlite`;
}

function referencedDigests(directory: string): ReadonlySet<ComponentDigest> {
  using database = openDatabase({ path: databasePath(directory), durability: "process" });
  return new Set(new ServiceTable(database).list().flatMap(({ service }) => digestsOf(service)));
}

function digestsOf({ workflows }: Service): ComponentDigest[] {
  return [...workflows.values()].flatMap(({ component, submit }) =>
    submit.kind === "aggregator" ? [component, submit.component] : [component]
  ).map(({ source }) => source.digest);
}

function encodeReport({ removed, kept, leftoverBytes }: CollectionReport, dryRun: boolean) {
  return {
    dry_run: dryRun,
    removed: removed.map(({ digest, bytes, usedAtMs }) => ({
      digest,
      bytes,
      last_used: new Date(usedAtMs).toISOString(),
    })),
    freed_bytes: sizeOf(removed) + leftoverBytes,
    kept: kept.map(({ digest }) => digest),
  };
}

function printReport(terminal: Terminal, { removed, kept, leftoverBytes }: CollectionReport, dryRun: boolean): void {
  const verb = dryRun ? "would be removed" : "removed";
  for (const { digest, bytes, usedAtMs } of removed) {
    const lastUsed = new Date(usedAtMs).toISOString().slice(0, 10);
    terminal.line(`  ${digest}  ${megabytes(bytes).padStart(9)}  ${styled(terminal, "dim", `last used ${lastUsed}`)}`);
  }
  const freed = megabytes(sizeOf(removed) + leftoverBytes);
  terminal.line(`${counted(removed.length)} ${verb} (${freed}), ${kept.length} kept (${megabytes(sizeOf(kept))})`);
}

function counted(count: number): string {
  return `${count} component${count === 1 ? "" : "s"}`;
}

function sizeOf(components: CollectionReport["kept"]): number {
  return components.reduce((sum, { bytes }) => sum + bytes, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(2)} MB`;
}
