import type { Stream } from "@libp2p/interface";
import { WavsError } from "@/domain/mod.ts";

/** Written at once before it is waited for the peer to read. */
const CHUNK_BYTES = 65_536;

/**
 * Reads until the peer ends its half of the stream.
 *
 * @throws WavsError `catch_up_too_long`; whatever ended the stream, or `signal`'s reason
 */
export async function readToEnd(stream: Stream, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const abort = () => stream.abort(new Error("it took too long"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    for await (const chunk of stream) {
      const bytes = chunk.subarray();
      length += bytes.length;
      if (length > maxBytes) {
        throw new WavsError("catch_up_too_long", {
          message: `Cannot read a message of the catch-up protocol because it has more than ${maxBytes} bytes`,
          retryable: false,
        });
      }
      parts.push(bytes);
    }
  } finally {
    signal.removeEventListener("abort", abort);
  }
  signal.throwIfAborted();
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Writes and ends this half of the stream, which is how the peer knows that it has all. */
export async function writeAll(stream: Stream, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    if (!stream.send(bytes.subarray(start, start + CHUNK_BYTES))) await stream.onDrain({ signal });
  }
  await stream.close({ signal });
}
