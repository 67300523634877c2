/** What is attacked, in the order of the table; the first ones are promised by name. */
export const PROMISED_CATEGORIES = [
  "files",
  "network",
  "environment",
  "programs",
  "native code",
  "imports",
  "DNS rebinding",
  "redirects",
  "address spellings",
  "header smuggling",
  "prototype pollution",
  "message ports",
  "decompression bombs",
  "symlink races",
  "paths",
] as const;

const FURTHER_CATEGORIES = ["hosts", "system", "permissions", "floods", "key-values", "canonical ABI"] as const;

export const CATEGORIES = [...PROMISED_CATEGORIES, ...FURTHER_CATEGORIES];

export type Category = (typeof CATEGORIES)[number];

/** One attack on the node. */
export interface Probe {
  readonly category: Category;
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

/** What probes of a category ask for, asked for by one who may have it: without it they would prove nothing. */
export interface Control {
  readonly category: Category;
  readonly name: string;
  /** Throws when it is denied. */
  readonly attempt: () => Promise<unknown>;
}
