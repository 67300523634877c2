/**
 * Turns among services: each call of `order` starts with the service after the one that was served last, so that one
 * with a long queue cannot hold the others up.
 */
export class Rotation<Key extends string> {
  #last: Key | undefined;

  /** The keys in the order they are to be served. */
  order(keys: readonly Key[]): Key[] {
    const sorted = [...keys].sort();
    const last = this.#last;
    if (last === undefined) return sorted;
    return [...sorted.filter((key) => key > last), ...sorted.filter((key) => key <= last)];
  }

  served(key: Key): void {
    this.#last = key;
  }
}
