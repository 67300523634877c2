/** One attack on the node. */
export interface Probe {
  readonly name: string;
  /** Attacks; throws when it got through. */
  readonly attempt: () => Promise<Denial>;
}

/** How an attack ended. */
export interface Denial {
  /** The error the attacker met. */
  readonly by: string;
  /**
   * What an operator finds of it: log lines, counters, errors kept with the execution. Some attacks are harmless calls
   * like any other; those do not count.
   */
  readonly record: readonly string[] | "nothing to refuse";
}
