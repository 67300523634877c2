import {
  type Bytes32,
  type EventId,
  type EvmChainConfig,
  parseBytes32,
  parseEventId,
  WavsError,
} from "@/domain/mod.ts";
import type { EventRow } from "@/journal/mod.ts";
import { ChainAudit, type Cursor, deliveredHeight, type Verdict, verdictsOn } from "@/triggers/mod.ts";
import { type CommandOptions, optionsHelp, parseCommand, wantsHelp } from "../command_options.ts";
import { styled, type Terminal } from "../terminal.ts";
import { chainOf, type NodeRecords, openRecords, RECORD_OPTIONS, workflowLabel } from "./records.ts";

const HELP = `wavs triggers explain EVENT: why something fired or did not, and what came of it

  EVENT is the hash of a transaction (0x and 64 digits), whose logs are read from the chain and held against every
  workflow; an event id (0x and 40 digits); or an occurrence as wavs triggers gaps prints it.

Options
${optionsHelp(RECORD_OPTIONS satisfies CommandOptions)}`;

/** One thing that happened, to every workflow it could have fired. */
export interface Explanation {
  /** What happened, in words. */
  readonly what: string;
  readonly workflows: readonly {
    readonly workflow: string;
    readonly fires: boolean;
    readonly reason: string;
    readonly steps: readonly string[];
  }[];
}

/**
 * `wavs triggers explain`.
 *
 * @throws WavsError `option_invalid`, `database_unusable`, `event_unknown`, and what endpoints fail with
 */
export async function runExplain(args: readonly string[], terminal: Terminal): Promise<number> {
  if (wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  const { options, positionals } = parseCommand("triggers explain", RECORD_OPTIONS, args);
  const [event, unexpected] = positionals;
  if (event === undefined || unexpected !== undefined) {
    throw new WavsError("option_invalid", {
      message:
        `The command "triggers explain" takes one event, not ${positionals.length}; see wavs triggers explain --help`,
      retryable: false,
    });
  }
  using records = openRecords(options);
  const explanations = await explain(event, records, () => chainOf(records.config, options.chain));
  if (options.json) terminal.line(JSON.stringify(explanations));
  else for (const explanation of explanations) print(terminal, explanation);
  return 0;
}

const TRANSACTION = /^0x[0-9a-fA-F]{64}$/;
const EVENT_ID = /^(0x)?[0-9a-fA-F]{40}$/;

async function explain(
  event: string,
  records: NodeRecords,
  chain: () => EvmChainConfig,
): Promise<readonly Explanation[]> {
  if (TRANSACTION.test(event)) return await explainTransaction(parseBytes32(event), records, chain());
  if (EVENT_ID.test(event)) return explainEventId(parseEventId(event), records);
  const rows = records.journal.events.ofIdentity(event);
  if (rows.length === 0) throw unknown(`nothing with the name "${event}" is recorded`);
  return [{ what: event, workflows: rows.map((row) => recorded(row, records)) }];
}

async function explainTransaction(
  hash: Bytes32,
  records: NodeRecords,
  config: EvmChainConfig,
): Promise<readonly Explanation[]> {
  await using audit = await ChainAudit.open(config, records.context);
  const logs = await audit.logsOf(hash);
  if (logs === undefined) throw unknown(`chain "${config.key}" has no transaction "${hash}"`);
  if (logs.length === 0) return [{ what: `Transaction ${hash} logged nothing`, workflows: [] }];
  const head = await audit.head();
  return logs.map((log) => ({
    what: `Log ${log.logIndex} of block ${log.blockNumber}: contract ${log.address}, topic ${log.topics[0] ?? "none"}`,
    workflows: verdictsOn(log, config.key, records.services).map((verdict) =>
      verdict.against === undefined
        ? fired(verdict, { records, config, height: log.blockNumber, head })
        : { workflow: workflowLabel(verdict), fires: false, reason: `because ${verdict.against}`, steps: [] }
    ),
  }));
}

function fired(
  verdict: Verdict,
  { records, config, height, head }: {
    readonly records: NodeRecords;
    readonly config: EvmChainConfig;
    readonly height: bigint;
    readonly head: bigint;
  },
): Explanation["workflows"][number] {
  const row = records.journal.events.find(verdict);
  if (row !== undefined) return recorded(row, records);
  const cursor = records.journal.cursor(config.key) as Cursor | undefined;
  const workflow = workflowLabel(verdict);
  const but = (reason: string) => ({ workflow, fires: false, reason: `it fits, but ${reason}`, steps: [] });
  if (height > head) return but(`block ${height} has too few confirmations yet; events up to block ${head} count`);
  if (cursor === undefined) return but("the chain is not followed yet");
  const delivered = deliveredHeight(cursor);
  if (height > delivered) return but(`the node has read the chain up to block ${delivered} only`);
  return but("it is not recorded: it happened before the service waited for it, or it is a gap (wavs triggers gaps)");
}

function explainEventId(eventId: EventId, records: NodeRecords): readonly Explanation[] {
  const submissions = records.journal.submissions.ofEventId(eventId);
  if (submissions.length === 0) throw unknown(`no response with the event id "${eventId}" is recorded`);
  return submissions.map(({ eventRow }) => {
    const row = records.journal.events.get(eventRow);
    return { what: `Event id ${eventId}`, workflows: [recorded(row, records)] };
  });
}

/** What became of a trigger that fired, step by step. */
function recorded(row: EventRow, { journal, services }: NodeRecords): Explanation["workflows"][number] {
  const isRegistered = services.some(({ serviceId }) => serviceId === row.serviceId);
  const steps = journal.submissions.ofEvent(row.id).flatMap((submission) => [
    `event id ${submission.eventId}: ${stateText(submission)}`,
    ...journal.actions.ofSubmission(submission.id).flatMap((action) => [
      `  ${action.action.kind}: ${stateText(action)}`,
      ...journal.actions.transactionsOf(action.id).map(({ hash, chain }) => `  transaction ${hash} on ${chain}`),
    ]),
  ]);
  return {
    workflow: workflowLabel(row),
    fires: true,
    reason: `recorded as event ${row.id} at ${new Date(row.detectedAtMs).toISOString()}: ${stateText(row)}` +
      (isRegistered ? "" : "; its service is not registered any more"),
    steps,
  };
}

function stateText(item: { readonly state: string; readonly reason?: string | undefined; readonly attempts: number }) {
  const attempts = item.attempts > 0 ? `, ${item.attempts} failed attempts` : "";
  return `${item.state}${item.reason === undefined ? "" : ` (${item.reason})`}${attempts}`;
}

function unknown(reason: string): WavsError {
  return new WavsError("event_unknown", { message: `Cannot explain the event because ${reason}`, retryable: false });
}

function print(terminal: Terminal, { what, workflows }: Explanation): void {
  terminal.line(styled(terminal, "bold", what));
  if (workflows.length === 0) terminal.line("  no workflow waits for events of contracts");
  for (const { workflow, fires, reason, steps } of workflows) {
    const verdict = fires ? styled(terminal, "green", "fires") : styled(terminal, "dim", "does not fire");
    terminal.line(`  ${verdict} ${workflow}, ${reason}`);
    for (const step of steps) terminal.line(`      ${step}`);
  }
}
