/** What is run in place of a command of the README, and why not the command itself. */
export interface OtherCommand {
  /** Nothing when there is nothing that would be the same. */
  readonly command?: string;
  readonly why: string;
}

/** By the command as the README shows it. One that the README no longer shows is an error. */
export const INSTEAD: ReadonlyMap<string, OtherCommand> = new Map([
  ["deno task test", { why: "it is what runs this" }],
  ["install -m 755 dist/wavs /usr/local/bin/wavs", {
    command: "install -D -m 755 dist/wavs installed/wavs",
    why: "what lies outside of its own directory is not this script's to change",
  }],
  ["wavs init /etc/wavs", {
    command: "wavs init etc/wavs",
    why: "what lies outside of its own directory is not this script's to change",
  }],
  ["wavs install-service", {
    command: "wavs install-service --exec /usr/local/bin/wavs --output .",
    why: "what lies outside of its own directory is not this script's to change",
  }],
]);

/** Commands that go on until they are stopped; they must say that they are ready, and end with 0 on SIGTERM. */
export const STAYS_UP = /^wavs run\b/;
