import config from "../deno.json" with { type: "json" };

/** The node's version, as `--version`, `/info` and the first log line tell it. */
export const VERSION: string = config.version;
