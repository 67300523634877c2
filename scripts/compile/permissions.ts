/**
 * What the program may do, in every form it comes in. The isolates that hold keys or run guests get far less of it, most
 * of them nothing; `--allow-run` is for `wavs dev`, which starts a local chain and operators.
 */
export const PERMISSIONS: readonly string[] = [
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
  "--no-prompt",
];

/** What the program asks of the runtime besides: workers with permissions of their own, and datagrams for systemd. */
export const UNSTABLE: readonly string[] = ["--unstable-worker-options", "--unstable-net"];

/**
 * How much of its memory an isolate keeps for new objects, in MiB. Why: a node is ten isolates, and each would keep
 * several times as much that it needed once, when it started. Executions a second differ by less than between two runs.
 */
export const MEMORY: readonly string[] = ["--v8-flags=--max-semi-space-size=4"];
