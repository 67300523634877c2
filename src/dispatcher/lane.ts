/** One kind of work: what is due, how to do it, how much of it at once. */
export interface LaneOptions<Item> {
  readonly limit: number;
  /** The next items that are due and not among `busy`, at most `room` of them, already marked as taken if need be. */
  readonly take: (room: number, busy: readonly Item[]) => readonly Item[];
  /** Does one item and records how that went; it throws only when that cannot be recorded, or for a defect. */
  readonly work: (item: Item) => Promise<void>;
  /** Told what `work` threw; the item counts as busy until this resolves. */
  readonly failed: (item: Item, error: unknown) => Promise<void>;
  /** Called when a place has become free. */
  readonly freed: () => void;
}

/** Runs items of one kind side by side, never the same one twice at a time. */
export class Lane<Item extends { readonly id: number }> {
  readonly #options: LaneOptions<Item>;
  readonly #busy = new Map<number, Item>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: LaneOptions<Item>) {
    this.#options = options;
  }

  /** Starts whatever is due and has a place. */
  fill(): void {
    const room = this.#options.limit - this.#busy.size;
    if (room <= 0) return;
    for (const item of this.#options.take(room, [...this.#busy.values()])) this.#start(item);
  }

  get size(): number {
    return this.#busy.size;
  }

  /** Of the items under way. */
  ids(): readonly number[] {
    return [...this.#busy.keys()];
  }

  /** Resolves once nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  #start(item: Item): void {
    this.#busy.set(item.id, item);
    const running = this.#options.work(item)
      .catch((error) => this.#options.failed(item, error))
      .finally(() => {
        this.#busy.delete(item.id);
        this.#running.delete(running);
        this.#options.freed();
      });
    this.#running.add(running);
  }
}
