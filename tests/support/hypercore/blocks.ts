/** What a test's writer puts at `index`: `size` bytes that no other block has. */
export function blockOf(index: number, size: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(size);
  let state = (index + 1) * 2_654_435_761 >>> 0;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    block[at] = state >>> 24;
  }
  new DataView(block.buffer).setUint32(0, index);
  return block;
}
