import assert from "node:assert/strict";
import type { Component, Service } from "@/domain/mod.ts";
import { failureOf, idOf, payloadsOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";
import type { Engine, ExecutionResult } from "./types.ts";
import { MAX_BATCH_ITEMS, MAX_KEY_BYTES, MAX_VALUE_BYTES } from "./wasi/limits.ts";

type Operation = readonly [name: string, ...args: unknown[]];

const guest = await scriptGuest("key_values");

async function open(t: Deno.TestContext, steps: Record<string, (engine: Engine, service: Service) => Promise<void>>) {
  await using started = await startEngine({ workers: 2 });
  const operator = await started.engine.upload(guest);
  let count = 1;
  for (const [name, step] of Object.entries(steps)) {
    const manager = `0x${(count++).toString(16).padStart(40, "0")}`;
    await t.step(name, () => step(started.engine, serviceOf({ operator, manager, timeLimitSeconds: 20 })));
  }
}

function execute(engine: Engine, service: Service, ...script: Operation[]): Promise<ExecutionResult> {
  return runService(engine, service, JSON.stringify(script));
}

function answersOf(result: ExecutionResult): { readonly ok?: unknown; readonly error?: string }[] {
  return JSON.parse(payloadsOf(result)[0] ?? "");
}

/** What each operation answered; an error's text after an exclamation mark. */
async function brief(engine: Engine, service: Service, ...script: Operation[]): Promise<unknown[]> {
  const answers = answersOf(await execute(engine, service, ...script));
  return answers.map(({ ok, error }) => error === undefined ? ok : `!${error}`);
}

/** The same service, whose component may spend less. */
function limited(service: Service, limits: Partial<Component>): Service {
  const workflows = new Map(service.workflows);
  for (const [id, workflow] of workflows) {
    workflows.set(id, { ...workflow, component: { ...workflow.component, ...limits } });
  }
  return { ...service, workflows };
}

Deno.test("real guests on key-values", (t) =>
  open(t, {
    "every operation does what it says, and what was written outlives the execution": async (engine, service) => {
      assert.deepEqual(
        await brief(
          engine,
          service,
          ["get", "b", "k"],
          ["set", "b", "k", "v"],
          ["get", "b", "k"],
          ["exists", "b", "k"],
          ["exists", "b", "other"],
          ["setMany", "b", [["x", "1"], ["y", "2"], ["x", "3"]]],
          ["getMany", "b", ["x", "none", "y"]],
          ["deleteMany", "b", ["y", "none"]],
          ["list", "b"],
          ["increment", "b", "k", 41],
        ),
        [null, "set", "v", true, false, "set", ["3", null, "2"], "deleted", { keys: ["k", "x"], cursor: null }, 41],
      );
      assert.deepEqual(
        await brief(engine, service, ["increment", "b", "k", 1], ["getMany", "b", ["k", "x", "y"]], [
          "delete",
          "b",
          "k",
        ]),
        [42, ["v", "3", null], "deleted"],
      );
      assert.deepEqual(await brief(engine, service, ["get", "b", "k"], ["increment", "b", "k", 0]), [null, 42]);
    },

    "a swap that lost hands over a handle that wins": async (engine, service) => {
      const answers = await brief(engine, service, ["loseSwap", "b", "k", "mine"], ["get", "b", "k"]);
      assert.deepEqual(answers, [["cas-failed", "in between", "swapped"], "mine"]);
    },

    "every limit is an error the guest can handle, and a line of its log": async (engine, service) => {
      const keys = Array.from({ length: MAX_BATCH_ITEMS + 1 }, (_, index) => String(index));
      const result = await execute(
        engine,
        service,
        ["increment", "b", "n", 2 ** 53 - 1],
        ["increment", "b", "n", -(2 ** 53 - 1)],
        ["set", "b", "k".repeat(MAX_KEY_BYTES + 1), "v"],
        ["get", "b".repeat(MAX_KEY_BYTES + 1), "k"],
        ["list", "b", "c".repeat(MAX_KEY_BYTES + 1)],
        ["fill", "b", "k", MAX_VALUE_BYTES + 1],
        ["getMany", "b", keys],
        ["get", "b", "k"],
      );
      const answers = answersOf(result);
      assert.deepEqual(answers.map(({ error }) => error !== undefined), [
        false,
        false,
        ...Array.from({ length: 5 }, () => true),
        false,
      ]);
      assert.match(answers[2]?.error ?? "", /a name of 4097 bytes is longer than 4096/);
      assert.equal(result.report.refusals.get("key_value"), 5);
      const lines = result.report.logs.filter(({ stream }) => stream === "node").map(({ message }) => message);
      assert.equal(lines.length, 5);
      assert.match(lines[3] ?? "", /a value of 1048577 bytes is larger than 1048576/);
    },

    "increments of parallel executions are each their own": async (engine, service) => {
      const count = 60;
      const all = await Promise.all(
        Array.from({ length: count }, () => brief(engine, service, ["increment", "b", "n", 1], ["sleep", 1])),
      );
      const sums = all.map(([sum]) => Number(sum)).sort((a, b) => a - b);
      assert.deepEqual(sums, Array.from({ length: count }, (_, index) => index + 1));
    },

    "parallel swaps do not overwrite each other": async (engine, service) => {
      const all = await Promise.all(
        Array.from({ length: 40 }, () => brief(engine, service, ["swapUp", "b", "n"])) as Promise<{ next: number }[]>[],
      );
      const numbers = all.map(([answer]) => answer?.next ?? 0).sort((a, b) => a - b);
      assert.deepEqual(numbers, Array.from({ length: 40 }, (_, index) => index + 1));
    },

    "executions that fail in whatever way leave nothing, and take nothing from those that do not": async (
      engine,
      service,
    ) => {
      const short = limited(service, { timeLimitSeconds: 1n });
      const poor = limited(service, { fuelLimit: 50_000_000n });
      const write: Operation[] = [["increment", "b", "n", 1], ["set", "b", "k", "failed"]];
      const endings: [Service, Operation, string][] = [
        [service, ["fail", "told to"], "guest_error"],
        [service, ["trap"], "guest_trap"],
        [service, ["fail", "salts"], "missing_event_id_salt"],
        [short, ["sleep", 5000], "out_of_time"],
        [poor, ["spin"], "out_of_fuel"],
      ];
      const failing = endings.map(([each, ending]) => execute(engine, each, ...write, ending));
      const honest = Array.from({ length: 10 }, () => brief(engine, service, ["increment", "b", "n", 1]));
      assert.deepEqual(
        (await Promise.all(failing)).map((result) => failureOf(result).code),
        endings.map(([, , c]) => c),
      );
      const sums = (await Promise.all(honest)).map(([sum]) => Number(sum)).sort((a, b) => a - b);
      assert.deepEqual(sums, Array.from({ length: 10 }, (_, index) => index + 1));
      assert.deepEqual(await brief(engine, service, ["increment", "b", "n", 0], ["get", "b", "k"]), [10, null]);
    },

    "an execution whose time ran out waiting for another is not to blame": async (engine, service) => {
      const short = limited(service, { timeLimitSeconds: 1n });
      const holding = execute(engine, service, ["increment", "b", "n", 1], ["sleep", 2500]);
      let late = await execute(engine, short, ["increment", "b", "n", 1]);
      // The holder may not have got that far yet.
      while (late.ok) late = await execute(engine, short, ["increment", "b", "n", 1]);
      const failure = failureOf(late);
      assert.equal(failure.code, "key_value_conflict");
      assert.equal(failure.retryable, true);
      assert.ok((await holding).ok);
    },

    "crosswise increments never wait for ever, and count what succeeded": async (engine, service) => {
      const crossing = (first: string, second: string) =>
        execute(engine, service, ["increment", "b", first, 1], ["sleep", 100], ["increment", "b", second, 1]);
      const results = await Promise.all([crossing("x", "y"), crossing("y", "x")]);
      for (const result of results) if (!result.ok) assert.equal(result.error.code, "key_value_conflict");
      const succeeded = results.filter(({ ok }) => ok).length;
      assert.ok(succeeded > 0, "one of them goes on");
      const sums = await brief(engine, service, ["increment", "b", "x", 0], ["increment", "b", "y", 0]);
      assert.deepEqual(sums, [succeeded, succeeded]);
    },

    "a service that is removed takes its key-values with it": async (engine, service) => {
      await brief(engine, service, ["set", "b", "k", "v"], ["increment", "b", "n", 1]);
      await engine.removeServiceData(idOf(service));
      assert.deepEqual(await brief(engine, service, ["get", "b", "k"], ["increment", "b", "n", 1]), [null, 1]);
    },
  }));
