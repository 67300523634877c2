import type { EvmChainConfig, WatchedService } from "@/domain/mod.ts";
import { WavsError } from "@/domain/mod.ts";
import { ChainAudit, type Cursor, deliveredHeight, type DetectedEvent } from "@/triggers/mod.ts";
import { type CommandOptions, invalidOption, optionsHelp, parseCommand, wantsHelp } from "../command_options.ts";
import { MAX_GAPS_SHOWN } from "../limits.ts";
import { styled, type Terminal } from "../terminal.ts";
import { chainOf, type NodeRecords, openRecords, RECORD_OPTIONS, workflowLabel } from "./records.ts";

const OPTIONS = {
  from: { type: "string", value: "HEIGHT", help: "Default: the first height with a recorded event" },
  to: { type: "string", value: "HEIGHT", help: "Default: the height up to which the node has read the chain" },
  ...RECORD_OPTIONS,
} as const satisfies CommandOptions;

const HELP = `wavs triggers gaps: prove that nothing is missing between two heights of a chain

  Reads the chain anew, by its configured endpoints, and compares what must have fired there with what is recorded:
  contract events and block intervals of the services that are registered now. Exits 0 when nothing is missing and
  nothing stands that is not in the chain, otherwise 1. What happened before a service was registered, or before its
  present definition took over, is counted but no gap.

Options
${optionsHelp(OPTIONS)}`;

const EXIT_GAPS = 1;

/** What does not agree with the chain. */
export interface Gap {
  readonly problem: "missing" | "withdrawn";
  readonly serviceId: string;
  readonly workflowId: string;
  readonly identity: string;
  readonly height: bigint;
}

export interface GapReport {
  readonly chain: string;
  readonly endpoint: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly expected: number;
  readonly recorded: number;
  /** Before their service was registered or took its present form. */
  readonly earlier: number;
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
  /** Blocks whose events stand though they left the chain. */
  readonly strayBlocks: readonly bigint[];
}

/**
 * `wavs triggers gaps`.
 *
 * @throws WavsError `option_invalid`, `database_unusable`, `triggers_not_followed`, and what endpoints fail with
 */
export async function runGaps(args: readonly string[], terminal: Terminal): Promise<number> {
  if (wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  const { options } = parseCommand("triggers gaps", OPTIONS, args);
  using records = openRecords(options);
  const chain = chainOf(records.config, options.chain);
  const report = await findGaps(records, chain, {
    from: parseHeight("--from", options.from),
    to: parseHeight("--to", options.to),
  });
  if (options.json) {
    terminal.line(JSON.stringify(report, (_key, value) => typeof value === "bigint" ? Number(value) : value));
  } else printReport(terminal, report);
  return report.gapCount === 0 && report.strayBlocks.length === 0 ? 0 : EXIT_GAPS;
}

function parseHeight(flag: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw invalidOption(flag, text, "a height, such as 1200");
}

interface Heights {
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
}

async function findGaps(records: NodeRecords, config: EvmChainConfig, heights: Heights): Promise<GapReport> {
  const { journal, context, services } = records;
  const cursor = journal.cursor(config.key) as Cursor | undefined;
  if (cursor === undefined) throw notFollowed(config);
  await using audit = await ChainAudit.open(config, context);
  const delivered = deliveredHeight(cursor);
  const to = heights.to === undefined || heights.to > delivered ? delivered : heights.to;
  const from = heights.from ?? journal.events.firstHeight(config.key) ?? to;
  const byId = new Map(services.map((service) => [service.serviceId, service]));
  const gaps: Gap[] = [];
  const counts = { expected: 0, recorded: 0, earlier: 0, gaps: 0 };
  for await (const part of audit.expected({ registry: { services }, cursor, range: { from, to } })) {
    for (const event of part) {
      counts.expected++;
      const row = journal.events.find(event);
      if (row !== undefined && row.state !== "orphaned") {
        counts.recorded++;
      } else if (row === undefined && await isEarlier(event, { audit, records, service: byId.get(event.serviceId) })) {
        counts.earlier++;
      } else if (counts.gaps++ < MAX_GAPS_SHOWN) {
        gaps.push(gapOf(event, row === undefined ? "missing" : "withdrawn"));
      }
    }
  }
  const strayBlocks: bigint[] = [];
  for (const block of journal.events.blocksAbove({ chain: config.key, above: from - 1n, limit: MAX_GAPS_SHOWN })) {
    if (block.number <= to && !await audit.isInChain(block)) strayBlocks.push(block.number);
  }
  return {
    chain: config.key,
    endpoint: audit.endpoint,
    from,
    to,
    expected: counts.expected,
    recorded: counts.recorded,
    earlier: counts.earlier,
    gaps,
    gapCount: counts.gaps,
    strayBlocks,
  };
}

function gapOf({ serviceId, workflowId, identity, ...event }: DetectedEvent, problem: Gap["problem"]): Gap {
  return { problem, serviceId, workflowId, identity, height: heightOf(event) };
}

function heightOf({ data }: Pick<DetectedEvent, "data">): bigint {
  if (data.kind === "EvmContractEvent") return data.blockNumber;
  return data.kind === "BlockInterval" ? data.blockHeight : 0n;
}

/** Whether an event happened before its service waited for it. */
async function isEarlier(
  event: DetectedEvent,
  { audit, records, service }: {
    readonly audit: ChainAudit;
    readonly records: NodeRecords;
    readonly service: WatchedService | undefined;
  },
): Promise<boolean> {
  const height = heightOf(event);
  if (service?.since !== undefined && height < service.since.blockNumber) return true;
  const madeAtMs = await audit.timeOf(height);
  return madeAtMs !== undefined && madeAtMs <= records.registeredAtMs(event.serviceId);
}

function notFollowed({ key }: EvmChainConfig): WavsError {
  return new WavsError("triggers_not_followed", {
    message: `Nothing of chain "${key}" is recorded in this data directory; no service has waited for it yet`,
    retryable: false,
  });
}

function printReport(terminal: Terminal, report: GapReport): void {
  const { chain, endpoint, from, to, expected, recorded, earlier, gaps, gapCount, strayBlocks } = report;
  terminal.line(styled(terminal, "bold", `${chain}, heights ${from} to ${to}`) + ` by ${endpoint}`);
  terminal.line(`  ${String(expected).padStart(8)}  must have fired`);
  terminal.line(`  ${String(recorded).padStart(8)}  are recorded`);
  if (earlier > 0) terminal.line(`  ${String(earlier).padStart(8)}  happened before their service waited for them`);
  for (const gap of gaps) {
    const what = gap.problem === "missing" ? "missing  " : "withdrawn";
    terminal.line(
      `  ${styled(terminal, "red", what)}  height ${gap.height}  ${workflowLabel(gap)}  ${gap.identity}`,
    );
  }
  if (gapCount > gaps.length) terminal.line(`  … and ${gapCount - gaps.length} more`);
  for (const height of strayBlocks) {
    terminal.line(`  ${styled(terminal, "red", "stray")}  height ${height} has recorded events, but left the chain`);
  }
  const isWhole = gapCount === 0 && strayBlocks.length === 0;
  terminal.line(
    isWhole
      ? styled(terminal, "green", "No gap: everything that must have fired is recorded.")
      : styled(terminal, "red", `${gapCount} missing, ${strayBlocks.length} blocks stray.`) +
        " See wavs triggers explain EVENT for one of them.",
  );
}
