import assert from "node:assert/strict";
import { WatComponent } from "../testing/wat_component.ts";

/** A component whose guest makes things of the host and resources of its own, and forgets them. */
const FORGETFUL = `
  (import "host" (instance $host
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (param "id" u32) (result (own $thing))))
    (export "[method]thing.id" (func (param "self" (borrow $thing)) (result u32)))))
  (core func $new (canon lower (func $host "[constructor]thing")))
  (core func $id (canon lower (func $host "[method]thing.id")))
  (type $own (resource (rep i32)))
  (core func $own-new (canon resource.new $own))
  (core func $own-rep (canon resource.rep $own))
  (core module $M
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "id" (func $id (param i32) (result i32)))
    (import "" "own-new" (func $own-new (param i32) (result i32)))
    (import "" "own-rep" (func $own-rep (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "ask") (param i32) (result i32) (call $id (local.get 0)))
    (func (export "make-own") (param i32) (result i32) (call $own-new (local.get 0)))
    (func (export "ask-own") (param i32) (result i32) (call $own-rep (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance
    (export "new" (func $new)) (export "id" (func $id))
    (export "own-new" (func $own-new)) (export "own-rep" (func $own-rep))))))
  ${
  ["make", "ask", "make-own", "ask-own"].map((name) =>
    `(func (export "${name}") (param "n" u32) (result u32) (canon lift (core func $m "${name}")))`
  ).join("\n")
}`;

/** Things one execution's host knows. */
class Things {
  readonly asked: number[] = [];
  readonly host: Readonly<Record<string, unknown>>;

  constructor() {
    const { asked } = this;
    this.host = {
      Thing: class {
        readonly #id: number;

        constructor(id: number) {
          this.#id = id;
        }

        id(): number {
          asked.push(this.#id);
          return this.#id;
        }
      },
    };
  }
}

type Step = readonly [name: string, value: number];

/** What an execution of its own answers to each step; the text of the trap that ended it comes last. */
async function answers(component: WatComponent, steps: readonly Step[], things: Things): Promise<unknown[]> {
  const { instance } = await component.instantiate({ host: things.host });
  using _end = instance;
  const found: unknown[] = [];
  for (const [name, value] of steps) {
    try {
      found.push(await instance.call(name, [value]));
    } catch (error) {
      return [...found, String(error)];
    }
  }
  return found;
}

async function loadKept(): Promise<WatComponent> {
  const component = await WatComponent.load(FORGETFUL);
  const leave: readonly Step[] = [["make", 41], ["make", 42], ["make-own", 43], ["ask", 1], ["ask-own", 3]];
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await answers(component, leave, new Things()), [1, 2, 3, 41, 43], `execution ${i}`);
  }
  assert.equal(component.linked.idle.size, 1, "no instance is kept");
  return component;
}

Deno.test("handles an execution forgets are unknown to the next one, and their numbers are free", async () => {
  const attempts: readonly Step[] = [["ask", 1], ["ask", 2], ["ask", 3], ["ask-own", 1], ["ask-own", 3]];
  for (const attempt of attempts) {
    const component = await loadKept();
    const things = new Things();
    const [trap] = await answers(component, [attempt], things);
    assert.match(String(trap), /unknown handle index/, attempt.join());
    assert.deepEqual(things.asked, []);
  }
});

Deno.test("a handle of this execution never reaches a thing of another one, though it has the same number", async () => {
  const component = await loadKept();
  const things = new Things();
  assert.deepEqual(await answers(component, [["make", 7], ["ask", 1], ["make-own", 8], ["ask-own", 2]], things), [
    1,
    7,
    2,
    8,
  ]);
  assert.deepEqual(things.asked, [7]);
});

Deno.test("the quota of handles is whole again in the next execution", async () => {
  const component = await WatComponent.load(FORGETFUL, { limits: { maxHandles: 2 } });
  const two: readonly Step[] = [["make", 1], ["make-own", 2]];
  for (let i = 0; i < 4; i++) assert.deepEqual(await answers(component, two, new Things()), [1, 2], `execution ${i}`);
  const [, , trap] = await answers(component, [...two, ["make", 3]], new Things());
  assert.match(String(trap), /too many handles/);
});
