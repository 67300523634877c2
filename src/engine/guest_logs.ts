import type { LogLevel } from "@/context/mod.ts";
import { MAX_LOG_BYTES, MAX_LOG_LINE_CHARS, MAX_REFUSAL_CHARS, MAX_REFUSALS_LOGGED } from "./limits.ts";
import type { GuestLog, RefusalKind } from "./types.ts";

export interface GuestLogsOptions {
  /** Told of refusals that come once the log is closed: of a request, say, whose answer the guest did not wait for. */
  readonly onLateRefusal?: (kind: RefusalKind, why: string) => void;
}

/** What one execution logged and printed, as far as it fits, and what it was refused. */
export class GuestLogs {
  readonly #onLateRefusal: (kind: RefusalKind, why: string) => void;
  readonly #lines: GuestLog[] = [];
  readonly #refusals = new Map<RefusalKind, number>();
  #bytes = 0;
  #dropped = 0;
  #refused = 0;
  #isClosed = false;

  constructor({ onLateRefusal = () => {} }: GuestLogsOptions = {}) {
    this.#onLateRefusal = onLateRefusal;
  }

  add(line: GuestLog): void {
    // What follows a line that did not fit is dropped unread: a flood costs little, and the log has no gaps.
    if (this.#dropped > 0) {
      this.#dropped++;
      return;
    }
    const message = printable(line.message);
    // A line costs something even when it is empty.
    const bytes = message.length * 2 + 16;
    if (this.#bytes + bytes > MAX_LOG_BYTES) {
      this.#dropped++;
      return;
    }
    this.#bytes += bytes;
    this.#lines.push({ ...line, message });
  }

  /**
   * Notes what the node would not let the guest do. All are counted and the first are said, in room of their own: a
   * guest cannot hide them behind a flood of lines.
   */
  refuse(kind: RefusalKind, why: string): void {
    const isSaid = ++this.#refused <= MAX_REFUSALS_LOGGED;
    const message = printable(why, MAX_REFUSAL_CHARS);
    if (this.#isClosed) {
      if (isSaid) this.#onLateRefusal(kind, message);
      return;
    }
    this.#refusals.set(kind, (this.#refusals.get(kind) ?? 0) + 1);
    if (isSaid) this.#lines.push({ level: "warn", stream: "node", message });
  }

  /** Ends the log, for its execution has; tells how many refusals were counted only. */
  close(): void {
    this.#isClosed = true;
    const untold = this.#refused - MAX_REFUSALS_LOGGED;
    if (untold > 0) this.#lines.push({ level: "warn", stream: "node", message: `${untold} more calls were refused` });
  }

  get refusals(): ReadonlyMap<RefusalKind, number> {
    return this.#refusals;
  }

  get lines(): readonly GuestLog[] {
    return this.#lines;
  }

  get dropped(): number {
    return this.#dropped;
  }
}

/** Splits what a guest prints into lines. */
export class LineSplitter {
  readonly #logs: GuestLogs;
  readonly #level: LogLevel;
  readonly #stream: GuestLog["stream"];
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(logs: GuestLogs, stream: "stdout" | "stderr") {
    this.#logs = logs;
    this.#stream = stream;
    this.#level = stream === "stdout" ? "info" : "warn";
  }

  write(bytes: Uint8Array): void {
    const [first = "", ...others] = this.#decoder.decode(bytes, { stream: true }).split("\n");
    // Beyond the length of a line nothing is kept, so a guest that never ends its line costs nothing.
    this.#rest = (this.#rest + first).slice(0, MAX_LOG_LINE_CHARS + 1);
    for (const next of others) {
      this.#emit();
      this.#rest = next.slice(0, MAX_LOG_LINE_CHARS + 1);
    }
  }

  /** Takes a last line without its end. */
  end(): void {
    if (this.#rest !== "") this.#emit();
    this.#rest = "";
  }

  #emit(): void {
    this.#logs.add({ level: this.#level, stream: this.#stream, message: this.#rest.replace(/\r$/, "") });
  }
}

// deno-lint-ignore no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Cut to length, with everything escaped that could forge lines or drive a terminal (spec/engine.md 8.2). */
function printable(message: string, maxChars = MAX_LOG_LINE_CHARS): string {
  const cut = message.length > maxChars ? `${message.slice(0, maxChars)}…` : message;
  return cut.toWellFormed().replace(
    CONTROL,
    (character) => character === "\n" ? "\\n" : `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}
