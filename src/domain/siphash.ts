/** `somepseudorandomlygeneratedbytes`, the constants of SipHash, as pairs of low and high halves. */
const INITIAL_STATE = [
  0x70736575,
  0x736f6d65,
  0x6e646f6d,
  0x646f7261,
  0x6e657261,
  0x6c796765,
  0x79746573,
  0x74656462,
] as const;

const V0 = 0;
const V1 = 2;
const V2 = 4;
const V3 = 6;
const FINAL_ROUNDS = 3;

/**
 * SipHash-1-3 with a zero key, for hash tables and message ids; not a MAC.
 *
 * 64-bit words are pairs of 32-bit halves: BigInt arithmetic is an order of magnitude slower, and this runs for every
 * message gossip carries.
 */
export function sipHash13(bytes: Uint8Array): bigint {
  const state = Uint32Array.from(INITIAL_STATE);
  const tailBytes = bytes.length % 8;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let offset = 0; offset < bytes.length - tailBytes; offset += 8) {
    absorb(state, view.getUint32(offset, true), view.getUint32(offset + 4, true));
  }
  const last = new DataView(new ArrayBuffer(8));
  for (let index = 0; index < tailBytes; index++) last.setUint8(index, view.getUint8(bytes.length - tailBytes + index));
  last.setUint8(7, bytes.length & 0xff);
  absorb(state, last.getUint32(0, true), last.getUint32(4, true));
  xor(state, V2, 0xff, 0);
  for (let round = 0; round < FINAL_ROUNDS; round++) sipRound(state);
  return (BigInt(half(state, 1)) << 32n) | BigInt(half(state, 0));
}

function absorb(state: Uint32Array, low: number, high: number): void {
  xor(state, V3, low, high);
  sipRound(state);
  xor(state, V0, low, high);
}

function sipRound(state: Uint32Array): void {
  mix(state, V0, V1, 13);
  swapHalves(state, V0);
  mix(state, V2, V3, 16);
  mix(state, V0, V3, 21);
  mix(state, V2, V1, 17);
  swapHalves(state, V2);
}

/** `a += b; b = rotl(b, bits) ^ a` */
function mix(state: Uint32Array, a: number, b: number, bits: number): void {
  const bLow = state[b] ?? 0;
  const bHigh = state[b + 1] ?? 0;
  const low = (state[a] ?? 0) + bLow;
  const high = (state[a + 1] ?? 0) + bHigh + (low > 0xffffffff ? 1 : 0);
  state[a] = low;
  state[a + 1] = high;
  state[b] = ((bLow << bits) | (bHigh >>> (32 - bits))) ^ low;
  state[b + 1] = ((bHigh << bits) | (bLow >>> (32 - bits))) ^ high;
}

function swapHalves(state: Uint32Array, word: number): void {
  const low = state[word] ?? 0;
  state[word] = state[word + 1] ?? 0;
  state[word + 1] = low;
}

function xor(state: Uint32Array, word: number, low: number, high: number): void {
  state[word] = (state[word] ?? 0) ^ low;
  state[word + 1] = (state[word + 1] ?? 0) ^ high;
}

/** One half of the xor of all four words. */
function half(state: Uint32Array, part: 0 | 1): number {
  return [V0, V1, V2, V3].reduce((all, word) => (all ^ (state[word + part] ?? 0)) >>> 0, 0);
}
