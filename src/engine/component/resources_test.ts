import assert from "node:assert/strict";
import { instantiateWat as instantiate } from "./testing/wat_component.ts";

/** A component that owns a resource, and one that uses it; `body` is what the user does with handle and number 0. */
function ownerAndUser(body: string): string {
  return `
    (component $Owner
      (core module $Dtor
        (global $sum (mut i32) (i32.const 0))
        (func (export "dtor") (param i32) (global.set $sum (i32.add (global.get $sum) (local.get 0))))
        (func (export "sum") (result i32) (global.get $sum)))
      (core instance $dtor (instantiate $Dtor))
      (type $R' (resource (rep i32) (dtor (func $dtor "dtor"))))
      (core func $new (canon resource.new $R'))
      (core module $Main
        (import "" "new" (func $new (param i32) (result i32)))
        (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "value") (param i32) (result i32) (local.get 0)))
      (core instance $main (instantiate $Main (with "" (instance (export "new" (func $new))))))
      (export $R "r" (type $R'))
      (func (export "make") (param "x" u32) (result (own $R)) (canon lift (core func $main "make")))
      (func (export "value") (param "r" (borrow $R)) (result u32) (canon lift (core func $main "value")))
      (func (export "sum") (result u32) (canon lift (core func $dtor "sum"))))
    (component $User
      (import "owner" (instance $owner
        (export "r" (type $R (sub resource)))
        (export "make" (func (param "x" u32) (result (own $R))))
        (export "value" (func (param "r" (borrow $R)) (result u32)))))
      (alias export $owner "r" (type $R))
      (core func $make (canon lower (func $owner "make")))
      (core func $value (canon lower (func $owner "value")))
      (core func $drop (canon resource.drop $R))
      (core module $Main
        (import "" "make" (func $make (param i32) (result i32)))
        (import "" "value" (func $value (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "run") (param i32) (result i32) (local $handle i32)
          (local.set $handle (call $make (local.get 0)))
          ${body}))
      (core instance $main (instantiate $Main (with "" (instance
        (export "make" (func $make)) (export "value" (func $value)) (export "drop" (func $drop))))))
      (func (export "run") (param "x" u32) (result u32) (canon lift (core func $main "run"))))
    (instance $owner (instantiate $Owner))
    (instance $user (instantiate $User (with "owner" (instance $owner))))
    (export "run" (func $user "run"))
    (export "sum" (func $owner "sum"))`;
}

Deno.test("a component uses another's resource and its destructor runs", async () => {
  const instance = await instantiate(
    ownerAndUser("(call $value (local.get $handle)) (call $drop (local.get $handle))"),
  );
  assert.equal(await instance.call("run", [41]), 41);
  assert.equal(await instance.call("run", [1]), 1);
  assert.equal(await instance.call("sum", []), 42);
});

Deno.test("a handle that was dropped is unknown", async () => {
  const body = "(call $drop (local.get $handle)) (call $value (local.get $handle))";
  await assert.rejects((await instantiate(ownerAndUser(body))).call("run", [1]), /unknown handle index 1/);
});

Deno.test("handles beyond the quota trap", async () => {
  const body = "(loop $l (drop (call $make (i32.const 1))) (br $l)) unreachable";
  const instance = await instantiate(ownerAndUser(body), { limits: { maxHandles: 100 } });
  await assert.rejects(instance.call("run", [1]), /too many handles/);
});

/** A component that uses a resource of the host; `body` runs with a borrowed handle in local 0. */
function hostUser(body: string): string {
  return `
    (import "host" (instance $host
      (export "thing" (type $T (sub resource)))
      (export "[constructor]thing" (func (param "x" u32) (result (own $T))))
      (export "[method]thing.poke" (func (param "self" (borrow $T)) (result u32)))
      (export "eat" (func (param "one" (borrow $T)) (param "two" (own $T))))))
    (alias export $host "thing" (type $T))
    (core func $new (canon lower (func $host "[constructor]thing")))
    (core func $poke (canon lower (func $host "[method]thing.poke")))
    (core func $eat (canon lower (func $host "eat")))
    (core func $drop (canon resource.drop $T))
    (core module $Main
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "poke" (func $poke (param i32) (result i32)))
      (import "" "eat" (func $eat (param i32 i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "run") (param i32) (result i32) (local $own i32) (local $n i32) ${body}))
    (core instance $main (instantiate $Main (with "" (instance (export "new" (func $new))
      (export "poke" (func $poke)) (export "eat" (func $eat)) (export "drop" (func $drop))))))
    (func (export "run") (param "lent" (borrow $T)) (result u32) (canon lift (core func $main "run")))`;
}

class Thing {
  static disposed = 0;
  readonly #x: number;

  constructor(x: number) {
    this.#x = x;
  }

  poke(): number | Promise<number> {
    return this.#x;
  }

  [Symbol.dispose](): void {
    Thing.disposed++;
  }
}

const host = { Thing, eat: () => {} };

Deno.test("a host resource is made, used and disposed of", async () => {
  const before = Thing.disposed;
  const instance = await instantiate(
    hostUser(`(local.set $own (call $new (i32.const 7)))
      (local.set $n (i32.add (call $poke (local.get $own)) (call $poke (local.get 0))))
      (call $drop (local.get $own)) (call $drop (local.get 0)) (local.get $n)`),
    { host },
  );
  assert.equal(await instance.call("run", [new Thing(35)]), 42);
  assert.equal(Thing.disposed, before + 1, "the borrowed one stays the caller's");
});

Deno.test("a method that waits keeps its receiver lent and gives it back", async () => {
  class Slow extends Thing {
    override poke(): Promise<number> {
      return Promise.resolve(7);
    }
  }
  const body = "(call $drop (local.get 0)) (local.set $own (call $new (i32.const 1)))" +
    "(call $poke (local.get $own)) (call $drop (local.get $own))";
  const asyncImports = ["host#[method]thing.poke"];
  const instance = await instantiate(hostUser(body), { host: { ...host, Thing: Slow }, asyncImports });
  assert.equal(await instance.call("run", [new Slow(1)]), 7);
});

Deno.test("a borrow that outlives its call traps", async () => {
  const instance = await instantiate(hostUser("(i32.const 0)"), { host });
  await assert.rejects(instance.call("run", [new Thing(1)]), /borrowed handles were still held/);
});

Deno.test("a borrowed handle cannot be given away", async () => {
  const instance = await instantiate(hostUser("(call $eat (call $new (i32.const 1)) (local.get 0)) (i32.const 0)"), {
    host,
  });
  await assert.rejects(instance.call("run", [new Thing(1)]), /a borrowed handle cannot be given away/);
});

Deno.test("a handle cannot be moved in the call it is lent to", async () => {
  const body = "(local.set $own (call $new (i32.const 1))) (call $eat (local.get $own) (local.get $own)) (i32.const 0)";
  const instance = await instantiate(hostUser(body), { host });
  await assert.rejects(instance.call("run", [new Thing(1)]), /while it is lent/);
});

Deno.test("a call between components waits for a host promise", async () => {
  const instance = await instantiate(
    `(import "host" (instance $host (export "wait" (func (result u32)))))
    (component $Inner
      (import "wait" (func $wait (result u32)))
      (core func $wait' (canon lower (func $wait)))
      (core module $M
        (import "" "wait" (func $wait (result i32)))
        (func (export "run") (result i32) (i32.add (call $wait) (i32.const 1))))
      (core instance $m (instantiate $M (with "" (instance (export "wait" (func $wait'))))))
      (func (export "run") (result u32) (canon lift (core func $m "run"))))
    (component $Outer
      (import "inner" (func $inner (result u32)))
      (core func $inner' (canon lower (func $inner)))
      (core module $M
        (import "" "inner" (func $inner (result i32)))
        (func (export "run") (result i32) (i32.add (call $inner) (i32.const 1))))
      (core instance $m (instantiate $M (with "" (instance (export "inner" (func $inner'))))))
      (func (export "run") (result u32) (canon lift (core func $m "run"))))
    (instance $inner (instantiate $Inner (with "wait" (func $host "wait"))))
    (instance $outer (instantiate $Outer (with "inner" (func $inner "run"))))
    (export "run" (func $outer "run"))`,
    { host: { wait: () => Promise.resolve(40) }, asyncImports: ["host#wait"] },
  );
  assert.equal(await instance.call("run", []), 42);
});

Deno.test("a guest may not call out while it allocates", async () => {
  const instance = await instantiate(
    `(import "host" (instance $host (export "ping" (func))))
    (core func $ping (canon lower (func $host "ping")))
    (core module $M
      (import "" "ping" (func $ping))
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $ping) (i32.const 16))
      (func (export "run") (param i32 i32)))
    (core instance $m (instantiate $M (with "" (instance (export "ping" (func $ping))))))
    (func (export "run") (param "s" string)
      (canon lift (core func $m "run") (memory $m "memory") (realloc (func $m "realloc"))))`,
    { host: { ping: () => {} } },
  );
  await assert.rejects(instance.call("run", ["text"]), /cannot leave component instance/);
});

Deno.test("a pointer from realloc outside of memory traps", async () => {
  const instance = await instantiate(`
    (core module $M
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const -8))
      (func (export "run") (param i32 i32)))
    (core instance $m (instantiate $M))
    (func (export "run") (param "s" string)
      (canon lift (core func $m "run") (memory $m "memory") (realloc (func $m "realloc"))))`);
  await assert.rejects(instance.call("run", ["text"]), /pointer out of bounds of memory/);
});
