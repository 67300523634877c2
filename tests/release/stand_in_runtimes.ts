/**
 * The smallest files that `deno compile` takes for the runtime of each target: the headers it reads and extends, and no
 * program. What it makes of them does not run; that it makes them of the real sources, in the right format and under the
 * right name, is what the command line of a release can be tried for without the runtimes of other systems.
 */

/** What a file is, by its own header. */
export interface ExecutableFormat {
  readonly kind: "ELF" | "Mach-O" | "PE";
  readonly machine: "x64" | "arm64";
}

const ELF_MACHINES = { x64: 62, arm64: 183 } as const;
const MACH_MACHINES = { x64: 0x0100_0007, arm64: 0x0100_000c } as const;
const PE_X64 = 0x8664;

/** A stand-in for the runtime of a target. */
export function standInRuntime({ kind, machine }: ExecutableFormat): Uint8Array<ArrayBuffer> {
  switch (kind) {
    case "ELF":
      return elf(ELF_MACHINES[machine]);
    case "Mach-O":
      return machO(MACH_MACHINES[machine]);
    case "PE":
      return portableExecutable();
  }
}

/** Tells the format of an executable. @throws Error when it is none of the three */
export function formatOf(bytes: Uint8Array<ArrayBuffer>): ExecutableFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const machineOf = (machines: Readonly<Record<ExecutableFormat["machine"], number>>, value: number) =>
    value === machines.x64 ? "x64" : value === machines.arm64 ? "arm64" : unknown(`machine ${value}`);
  if (view.getUint32(0) === 0x7f45_4c46) {
    return { kind: "ELF", machine: machineOf(ELF_MACHINES, view.getUint16(18, true)) };
  }
  if (view.getUint32(0, true) === 0xfeed_facf) {
    return { kind: "Mach-O", machine: machineOf(MACH_MACHINES, view.getUint32(4, true)) };
  }
  const header = view.getUint16(0) === 0x4d5a ? view.getUint32(0x3c, true) : unknown("no known magic");
  if (view.getUint32(header) !== 0x5045_0000) unknown("no PE header");
  return view.getUint16(header + 4, true) === PE_X64 ? { kind: "PE", machine: "x64" } : unknown("another machine");
}

function unknown(what: string): never {
  throw new Error(`This is no executable that is known: ${what}`);
}

/** One loadable segment, no sections. */
function elf(machine: number): Uint8Array<ArrayBuffer> {
  const writer = new LittleEndian(136);
  writer.text("\x7fELF\x02\x01\x01", 16).u16(2, machine).u32(1).u64(0x40_0078, 64, 0).u32(0);
  writer.u16(64, 56, 1, 64, 0, 0);
  writer.u32(1, 5).u64(0, 0x40_0000, 0x40_0000, 136, 136, 0x1000);
  return writer.bytes;
}

/** Segments, symbols and room for a signature: for arm64 the compiler signs anew. */
function machO(machine: number): Uint8Array<ArrayBuffer> {
  const page = 0x4000;
  const base = 0x1_0000_0000;
  const writer = new LittleEndian(page + 32);
  writer.u32(0xfeed_facf, machine, 3, 2, 5, 3 * 72 + 24 + 16, 0x20_0085, 0);
  const segment = (name: string, place: readonly [number, number, number, number], protection: number) =>
    writer.u32(0x19, 72).text(name, 16).u64(...place).u32(protection, protection, 0, 0);
  segment("__PAGEZERO", [0, base, 0, 0], 0);
  segment("__TEXT", [base, page, 0, page], 5);
  segment("__LINKEDIT", [base + page, page, page, 32], 1);
  writer.u32(2, 24, page, 0, page, 0);
  writer.u32(0x1d, 16, page + 16, 16);
  return writer.bytes;
}

/** Code, and the section of resources, which the compiler puts the program into. */
function portableExecutable(): Uint8Array<ArrayBuffer> {
  const writer = new LittleEndian(0x800);
  writer.text("MZ", 60).u32(64).text("PE\0\0", 4).u16(PE_X64, 2).u32(0, 0, 0).u16(240, 0x22);
  writer.u16(0x20b, 14).u32(0x200, 0x200, 0, 0x1000, 0x1000).u64(0x1_4000_0000).u32(0x1000, 0x200);
  writer.u16(6, 0, 0, 0, 6, 0).u32(0, 0x3000, 0x400, 0).u16(3, 0x8160);
  writer.u64(0x10_0000, 0x1000, 0x10_0000, 0x1000).u32(0, 16);
  // Of the sixteen directories only the third is there: resources.
  writer.u64(0, 0).u32(0x2000, 16).u64(...Array<number>(13).fill(0));
  writer.text(".text", 8).u32(16, 0x1000, 0x200, 0x400, 0, 0, 0, 0x6000_0020);
  writer.text(".rsrc", 8).u32(16, 0x2000, 0x200, 0x600, 0, 0, 0, 0x4000_0040);
  return writer.bytes;
}

/** Writes a header field by field. */
class LittleEndian {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.#view.setUint16(this.#advance(2), value, true);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.#view.setUint32(this.#advance(4), value, true);
    return this;
  }

  u64(...values: readonly number[]): this {
    for (const value of values) this.#view.setBigUint64(this.#advance(8), BigInt(value), true);
    return this;
  }

  /** ASCII, filled up with zeros. */
  text(value: string, length: number): this {
    this.bytes.set(new TextEncoder().encode(value), this.#advance(length));
    return this;
  }

  #advance(by: number): number {
    const at = this.#at;
    this.#at += by;
    return at;
  }
}
