import assert from "node:assert/strict";
import { linesOf } from "./lines.ts";

Deno.test("lines come whole, however their bytes arrive, and what is not ended is none", async () => {
  const bytes = new TextEncoder().encode("one\n\nzwölf\nrest");
  for (const size of [1, 2, 3, bytes.length]) {
    const parts = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, at) => bytes.slice(at * size, (at + 1) * size),
    );
    assert.deepEqual(await Array.fromAsync(linesOf(ReadableStream.from(parts))), ["one", "", "zwölf"], `${size}`);
  }
});
