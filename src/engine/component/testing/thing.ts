/** The one resource of a host that tests with handles; whoever holds the same one holds the same `id`. */
export class Thing {
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }
}

/** Declares it in the package `test:abi`. */
export const THINGS_WIT = "interface things { resource thing; }";

/** What a host has of that interface. */
export const THING_IMPORTS = { "test:abi/things": { Thing } };
