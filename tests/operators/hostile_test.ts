import assert from "node:assert/strict";
import { startAnvil } from "@tests/support/anvil.ts";
import { HostileOperator } from "@tests/support/hostile_operator.ts";
import { emit, finished, handled, transactionsOf } from "@tests/support/operator_events.ts";
import { startTeam, type Team } from "@tests/support/operators.ts";
import { until } from "@tests/support/until.ts";

const EVENTS = 40;

/** How much slower the slowest answers may be with a hostile peer than without. */
const MAX_SLOWDOWN = 3;

/** How long a hostile peer may keep on. */
const BAN_WITHIN_MS = 60_000;

/** How long each of so many events took, one after the other, from its block to its answer; in milliseconds, ascending. */
async function latencies(team: Team, before: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 1; index <= EVENTS; index++) {
    await emit(team, 1);
    const startedMs = performance.now();
    await handled(team, before + index);
    times.push(performance.now() - startedMs);
  }
  return times.toSorted((left, right) => left - right);
}

function p95(ascending: readonly number[]): number {
  return ascending[Math.ceil(ascending.length * 0.95) - 1] ?? NaN;
}

Deno.test("a hostile peer that forges, replays, floods and withholds is cut off, counts for nothing, and hardly delays anything", async () => {
  await using anvil = await startAnvil();
  await using team = await startTeam({ anvil, count: 3 });
  await emit(team, 3);
  await handled(team, 3);
  const clean = p95(await latencies(team, 3));

  await using hostile = await HostileOperator.start(team);
  const startedMs = performance.now();
  const disturbed = p95(await latencies(team, 3 + EVENTS));
  await until("every operator has cut it off", async () => {
    const banned = await Promise.all(team.operators.map((operator) => operator.metric("wavs_p2p_banned_peers")));
    return banned.every((count) => count === 1);
  });
  const bannedAfterMs = performance.now() - startedMs;

  const events = 3 + 2 * EVENTS;
  for (const operator of team.operators) {
    await finished(operator, events);
    const stored = Number(/^wavs_peer_submissions_total{result="stored"} (\d+)$/m.exec(await operator.metrics())?.[1]);
    assert.ok(stored <= 2 * events, `${stored} signatures of two other operators for ${events} events`);
    assert.ok(await operator.metric('wavs_peer_submissions_total{result="submission_malformed"}') > 0, "it was heard");
  }
  assert.ok(hostile.sent > 200, `it sent ${hostile.sent} lies`);
  assert.ok(await transactionsOf(team, team.operators) <= events + 2);
  assert.ok(bannedAfterMs <= BAN_WITHIN_MS, `cut off after ${bannedAfterMs} ms`);
  assert.ok(disturbed <= MAX_SLOWDOWN * clean, `p95 ${disturbed} ms with it, ${clean} ms without`);
  Deno.stderr.writeSync(
    new TextEncoder().encode(`answers, p95: ${clean.toFixed(0)} ms without it, ${disturbed.toFixed(0)} ms with it\n`),
  );
});
