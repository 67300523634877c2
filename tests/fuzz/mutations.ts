import type { Random } from "./random.ts";

type Mutation = (bytes: number[], random: Random, others: readonly Uint8Array[]) => void;

/** Bytes that mean something special to a reader of WebAssembly. */
const TELLING_BYTES = [0x00, 0x01, 0x0b, 0x0d, 0x10, 0x40, 0x60, 0x6f, 0x70, 0x7b, 0x7f, 0x80, 0xfb, 0xfc, 0xfd, 0xff];

const setByte: Mutation = (bytes, random) => {
  bytes[random.below(bytes.length)] = random.chance(2) ? random.pick(TELLING_BYTES) : random.below(256);
};

const flipBit: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
};

const nudge: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  bytes[at] = ((bytes[at] ?? 0) + random.pick([1, 2, 0xfe, 0xff])) & 0xff;
};

const cut: Mutation = (bytes, random) => {
  bytes.length = random.below(bytes.length) + 1;
};

const remove: Mutation = (bytes, random) => {
  bytes.splice(random.below(bytes.length), 1 + random.below(8));
};

const insert: Mutation = (bytes, random) => {
  bytes.splice(
    random.below(bytes.length),
    0,
    random.pick(TELLING_BYTES),
    ...random.chance(2) ? [random.below(256)] : [],
  );
};

const repeat: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  bytes.splice(at, 0, ...bytes.slice(at, at + 1 + random.below(32)));
};

const splice: Mutation = (bytes, random, others) => {
  const other = random.pick(others);
  const from = random.below(other.length);
  const piece = other.subarray(from, from + 1 + random.below(64));
  const at = random.below(bytes.length);
  for (const [i, byte] of piece.entries()) bytes[at + i] = byte;
};

/** Writes a small number in more bytes than it needs, in the place of what follows it. */
const respell: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  const extra = 1 + random.below(4);
  bytes[at] = (bytes[at] ?? 0) | 0x80;
  for (let i = 1; i <= extra; i++) bytes[at + i] = i < extra ? 0x80 : 0;
};

const MUTATIONS: readonly Mutation[] = [
  setByte,
  setByte,
  flipBit,
  nudge,
  nudge,
  cut,
  remove,
  insert,
  repeat,
  splice,
  respell,
];

/** Damages bytes in one to four places; `others` are where foreign pieces come from. */
export function mutate(source: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = [...source];
  for (let i = 1 + random.below(4); i > 0 && bytes.length > 0; i--) random.pick(MUTATIONS)(bytes, random, others);
  return Uint8Array.from(bytes);
}
