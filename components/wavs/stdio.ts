import stderr from "wasi:cli/stderr@0.2.0";
import stdout from "wasi:cli/stdout@0.2.0";
import type { OutputStream } from "./bindings/http_types.d.ts";
import { encodeText } from "./text.ts";

/** What one blocking write takes. */
const MAX_WRITE_BYTES = 4096;

/** A line on standard output; it becomes a line of the execution's log. */
export function printLine(text: string): void {
  writeLine(stdout.getStdout(), text);
}

/** A line on standard error; it becomes a line of the execution's log. */
export function printErrorLine(text: string): void {
  writeLine(stderr.getStderr(), text);
}

function writeLine(stream: OutputStream, text: string): void {
  const bytes = encodeText(`${text}\n`);
  for (let offset = 0; offset < bytes.length; offset += MAX_WRITE_BYTES) {
    stream.blockingWriteAndFlush(bytes.subarray(offset, offset + MAX_WRITE_BYTES));
  }
  stream[Symbol.dispose]();
}
