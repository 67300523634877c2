import type { MeteredModule } from "./metering/mod.ts";

const HEAD_BYTES = 5;
const RESTORABLE = 1;

/** Writes modules one behind the other: whether it is restorable (1 byte), its length (4, little-endian), its bytes. */
export function encodeMetered(modules: readonly MeteredModule[]): Uint8Array {
  const length = modules.reduce((sum, { bytes }) => sum + HEAD_BYTES + bytes.length, 0);
  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);
  let offset = 0;
  for (const { bytes, isRestorable } of modules) {
    view.setUint8(offset, isRestorable ? RESTORABLE : 0);
    view.setUint32(offset + 1, bytes.length, true);
    file.set(bytes, offset + HEAD_BYTES);
    offset += HEAD_BYTES + bytes.length;
  }
  return file;
}

/** Reads what {@link encodeMetered} wrote; `undefined` for anything else. */
export function decodeMetered(file: Uint8Array): readonly MeteredModule[] | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const modules: MeteredModule[] = [];
  for (let offset = 0; offset < file.length;) {
    if (file.length - offset < HEAD_BYTES) return undefined;
    const flags = view.getUint8(offset);
    const length = view.getUint32(offset + 1, true);
    offset += HEAD_BYTES;
    if (flags > RESTORABLE || length > file.length - offset) return undefined;
    modules.push({ bytes: file.slice(offset, offset + length), isRestorable: flags === RESTORABLE });
    offset += length;
  }
  return modules;
}
