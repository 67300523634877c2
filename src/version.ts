/** The node's version, as `--version`, `/info` and the first log line tell it; `scripts/check_version.ts` compares it. */
export const VERSION = "0.1.0";
