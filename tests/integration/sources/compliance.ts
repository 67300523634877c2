import assert from "node:assert/strict";
import { parseWorkflowId, type RegistrySnapshot, type ServiceStatus, type Trigger } from "@/domain/mod.ts";
import { registryOf, watchedService } from "@/triggers/evm/testing/registry.ts";
import type { Cursor, DetectedEvent } from "@/triggers/mod.ts";
import { Collector } from "@/triggers/testing/collector.ts";
import type { TriggerSource } from "@/triggers/types.ts";

/** A kind of source with the real thing it watches, for the suite that every source passes. */
export interface SourceRig extends AsyncDisposable {
  /** A new source of what is there. */
  open(): TriggerSource;
  /** The `kind`th of two triggers that can be told apart. */
  trigger(kind: 0 | 1): Trigger;
  /** Has `count` things happen that fire the trigger once each. */
  happen(count: number, kind?: 0 | 1): Promise<void>;
  /** The same a minute ago, where a trigger begins some seconds before it is watched. */
  readonly happenLongAgo?: (count: number) => Promise<void>;
  /** What is there already fires when a source starts for the first time. */
  readonly replaysPast?: true;
  /** Takes away the way to what is watched, until the returned function is called. */
  readonly cut?: () => Promise<() => Promise<void>>;
  /** Takes away, for good, the way that is used now; another one is left. */
  readonly failOver?: () => Promise<void>;
  /** Has what happened last be told once more. */
  readonly repeat?: () => Promise<void>;
  /** Has something be told that makes no sense. */
  readonly poison?: () => Promise<void>;
}

/** A source that runs, with its consumer. */
class Run implements AsyncDisposable {
  readonly source: TriggerSource;
  readonly collector: Collector;

  private constructor(source: TriggerSource, collector: Collector) {
    this.source = source;
    this.collector = collector;
  }

  static async start(rig: SourceRig, registry: RegistrySnapshot, from?: Cursor): Promise<Run> {
    const source = rig.open();
    const watching = source.watch(registry);
    const run = new Run(source, new Collector(source, from));
    await watching;
    return run;
  }

  /** As the journal counts: whatever has the same identity happened once. */
  fired(service = 1): ReadonlySet<string> {
    return distinct(this.collector.events.filter(({ serviceId }) => BigInt(`0x${serviceId}`) === BigInt(service)));
  }

  async expectFired(count: number, service = 1): Promise<void> {
    await this.collector.until(`service ${service} fired ${count} times`, () => this.fired(service).size >= count);
    assert.equal(this.fired(service).size, count, `service ${service}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.collector[Symbol.asyncDispose]();
  }
}

function distinct(events: readonly DetectedEvent[]): ReadonlySet<string> {
  return new Set(events.map(({ serviceId, workflowId, identity }) => `${serviceId}/${workflowId}/${identity}`));
}

interface WatchOptions {
  readonly revision?: number;
  readonly status?: ServiceStatus;
  readonly kind?: 0 | 1;
}

/** A registry whose services of these numbers wait for the rig's trigger. */
function watching(rig: SourceRig, services: readonly number[], options: WatchOptions = {}): RegistrySnapshot {
  const { revision = 1, status = "active", kind = 0 } = options;
  const workflows = [{ workflowId: parseWorkflowId("main"), trigger: rig.trigger(kind) }];
  return registryOf(services.map((number) => ({ ...watchedService(number, [], { status }), workflows })), revision);
}

/** What not every source has: a connection, several endpoints, somebody who repeats himself or talks nonsense. */
export type Trait = "connection" | "endpoints" | "repeats" | "nonsense";

/** Defines the tests of one kind of source. */
export function testSource(name: string, traits: readonly Trait[], openRig: () => Promise<SourceRig>): void {
  const test = (what: string, body: (rig: SourceRig) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      await using rig = await openRig();
      await body(rig);
    });
  testStart(test);
  testWatching(test);
  for (const trait of traits) testTrait[trait](test);
}

/** What a rig must be able to for a test that its source is said to pass. */
function can<Ability>(ability: Ability | undefined): Ability {
  assert.ok(ability !== undefined, "the rig cannot do this");
  return ability;
}

type DefineTest = (what: string, body: (rig: SourceRig) => Promise<void>) => void;

function testStart(test: DefineTest): void {
  test("a first start fires what comes, and the past only where that is the rule", async (rig) => {
    await (rig.happenLongAgo ?? rig.happen)(3);
    await using run = await Run.start(rig, watching(rig, [1]));
    await rig.happen(2);
    await run.expectFired(rig.replaysPast ? 5 : 2);
  });

  test("a restart goes on from the cursor: nothing that happened meanwhile is missing or doubled", async (rig) => {
    const registry = watching(rig, [1]);
    const first = await Run.start(rig, registry);
    await rig.happen(2);
    await first.expectFired(2);
    await first[Symbol.asyncDispose]();
    await rig.happen(3);
    await using second = await Run.start(rig, registry, first.collector.cursor);
    await rig.happen(2);
    const all = () => new Set([...first.fired(), ...second.fired()]);
    await second.collector.until("all seven fired", () => all().size >= 7);
    assert.equal(all().size, 7);
  });

  test("a batch that was not stored is told again, as the same events", async (rig) => {
    const registry = watching(rig, [1]);
    const { cursor, lost } = await loseFirstEvents(rig, registry);
    await using run = await Run.start(rig, registry, cursor);
    await rig.happen(1);
    await run.expectFired(3);
    for (const event of lost) assert.ok(run.fired().has(event), event);
  });

  test("a slow consumer gets everything once it has time", async (rig) => {
    await using run = await Run.start(rig, watching(rig, [1]));
    const release = run.collector.hold();
    await rig.happen(30);
    assert.ok(
      run.collector.batches.every(({ events }) => events.length === 0),
      "nothing is handed over while it waits",
    );
    release();
    await rig.happen(1);
    await run.expectFired(31);
  });
}

/** Runs a source until it hands over two events, which are then lost. */
async function loseFirstEvents(rig: SourceRig, registry: RegistrySnapshot) {
  const source = rig.open();
  const stopping = new AbortController();
  const watched = source.watch(registry);
  let happening: Promise<void> | undefined;
  let cursor: Cursor | undefined;
  const lost: DetectedEvent[] = [];
  for await (const batch of source.batches(undefined, stopping.signal)) {
    happening ??= watched.then(() => rig.happen(2));
    if (batch.events.length > 0) {
      lost.push(...batch.events);
      break;
    }
    cursor = batch.cursor;
  }
  stopping.abort();
  await happening;
  await source[Symbol.asyncDispose]();
  assert.ok(lost.length > 0);
  return { cursor, lost: distinct(lost) };
}

function testWatching(test: DefineTest): void {
  test("a service that comes while it runs fires from then on, and costs the others nothing", async (rig) => {
    await using run = await Run.start(rig, watching(rig, [1]));
    await rig.happen(2);
    await run.expectFired(2);
    await run.source.watch(watching(rig, [1, 2], { revision: 2 }));
    await rig.happen(2);
    await run.expectFired(4);
    await run.expectFired(rig.replaysPast ? 4 : 2, 2);
  });

  test("a service that is removed fires no more, and the others go on", async (rig) => {
    await using run = await Run.start(rig, watching(rig, [1, 2]));
    await rig.happen(1);
    await run.expectFired(1);
    await run.expectFired(1, 2);
    await run.source.watch(watching(rig, [2], { revision: 2 }));
    await rig.happen(2);
    await run.expectFired(3, 2);
    assert.equal(run.fired(1).size, 1);
  });

  test("the last service may be removed and come back", async (rig) => {
    await using run = await Run.start(rig, watching(rig, [1]));
    await rig.happen(1);
    await run.expectFired(1);
    await run.source.watch(watching(rig, [], { revision: 2 }));
    await run.source.watch(watching(rig, [1], { revision: 3 }));
    await rig.happen(2);
    await run.expectFired(3);
  });

  test("a paused service is told of still: whether it runs is decided where it is recorded", async (rig) => {
    await using run = await Run.start(rig, watching(rig, [1]));
    await run.source.watch(watching(rig, [1], { revision: 2, status: "paused" }));
    await rig.happen(2);
    await run.expectFired(2);
  });

  test("a trigger that another one replaces fires no more, and the other one from then on", async (rig) => {
    await using run = await Run.start(rig, watching(rig, [1]));
    await rig.happen(1);
    await run.expectFired(1);
    await run.source.watch(watching(rig, [1], { revision: 2, kind: 1 }));
    await rig.happen(2, 1);
    await run.expectFired(3);
  });
}

const testTrait: Readonly<Record<Trait, (test: DefineTest) => void>> = {
  connection: (test) => {
    test("what happens while there is no connection is made up for", async (rig) => {
      await using run = await Run.start(rig, watching(rig, [1]));
      await rig.happen(1);
      await run.expectFired(1);
      const restore = await can(rig.cut)();
      await rig.happen(3);
      await restore();
      await rig.happen(1);
      await run.expectFired(5);
    });
  },
  endpoints: (test) => {
    test("another endpoint takes over when the one in use is gone", async (rig) => {
      await using run = await Run.start(rig, watching(rig, [1]));
      await rig.happen(1);
      await run.expectFired(1);
      await can(rig.failOver)();
      await rig.happen(3);
      await run.expectFired(4);
      assert.equal(run.source.health().lastError, undefined);
    });
  },
  repeats: (test) => {
    test("what is told twice is the same event", async (rig) => {
      await using run = await Run.start(rig, watching(rig, [1]));
      await rig.happen(2);
      await can(rig.repeat)();
      await rig.happen(1);
      await run.expectFired(3);
    });
  },
  nonsense: (test) => {
    test("something that makes no sense costs nothing but itself", async (rig) => {
      await using run = await Run.start(rig, watching(rig, [1]));
      await rig.happen(1);
      await can(rig.poison)();
      await rig.happen(1);
      await run.expectFired(2);
    });
  },
};
