import { moduleOverLimit, unsupportedModule } from "./errors.ts";
import { FunctionMeter, type MeterIndexes } from "./function_body.ts";
import { MAX_RESTORED_GLOBALS, MAX_TABLE_ENTRIES } from "./limits.ts";
import {
  FUEL_EXPORT,
  GIVE_WAY_IMPORT,
  GLOBAL_EXPORT_PREFIX,
  MEMORY_EXPORT,
  METER_MODULE,
  REFILL_IMPORT,
  START_EXPORT,
} from "./meter_names.ts";
import { ModuleReader } from "./module_reader.ts";
import { type ModuleShape, scanModule, type Section } from "./module_shape.ts";
import { ModuleWriter } from "./module_writer.ts";
import { Op, skipImmediates, skipValueType } from "./opcodes.ts";

export interface MeterOptions {
  /** Most pages of 64 KiB a memory defined here may have. */
  readonly maxMemoryPages: number;
}

const FUNCTION_TYPE = 0x60;
const EMPTY_BLOCK = 0x40;
const I32 = 0x7f;
const I64 = 0x7e;
const MUTABLE = 1;
const FUNCTION_EXPORT = 0;
const GLOBAL_EXPORT = 3;

const MEMORY_EXPORT_KIND = 2;

/** `refill` and `give-way`, in this order behind the imports of the module. */
const ADDED_IMPORTS = 2;

/** A rewritten module. */
export interface MeteredModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /**
   * Whether all that a run can change in an instance is what {@link stateOf} finds: the module changes no table, drops
   * no segment, and its mutable globals are a few integers.
   */
  readonly isRestorable: boolean;
}

/** Where each section belongs. Custom sections may stand anywhere and are dropped; the start section (8) is too. */
const SECTION_ORDER = [1, 2, 3, 4, 5, 6, 7, 9, 12, 10, 11] as const;

/**
 * Rewrites a core module so that it counts fuel in a global of its own and asks for more by an import, and so that its
 * memories and tables cannot outgrow a limit. Its start function becomes an export, its memory and its mutable integer
 * globals are exported too, all under names no component may use. Behaviour is otherwise the same;
 * custom sections are dropped. Run the result with {@link instantiateMetered}.
 *
 * @param module a module `WebAssembly.validate` accepts
 * @throws WavsError `component_unsupported` for proposals beyond WebAssembly 2.0 and tail calls, `component_too_large`
 * when a memory or table starts above its limit
 */
export function meterModule(module: Uint8Array, options: MeterOptions): MeteredModule {
  return new ModuleMeter(module, scanModule(module), options).write();
}

class ModuleMeter {
  readonly #reader: ModuleReader;
  readonly #shape: ModuleShape;
  readonly #options: MeterOptions;
  readonly #indexes: MeterIndexes;
  readonly #output: ModuleWriter;
  readonly #mutableIntegers: number[] = [];
  #isRestorable = true;

  constructor(module: Uint8Array, shape: ModuleShape, options: MeterOptions) {
    this.#reader = new ModuleReader(module, 0);
    this.#shape = shape;
    this.#options = options;
    this.#output = new ModuleWriter(module.length * 2 + 256);
    const { importedFunctions } = shape;
    this.#indexes = {
      refill: importedFunctions + ADDED_IMPORTS + shape.functions.length,
      fuel: shape.globals,
      mapFunction: (index) => index < importedFunctions ? index : index + ADDED_IMPORTS,
    };
  }

  write(): MeteredModule {
    this.#output.range(this.#reader.bytes, 0, 8);
    for (const id of SECTION_ORDER) this.#section(id);
    return { bytes: this.#output.written.slice(), isRestorable: this.#isRestorable };
  }

  #section(id: number): void {
    const section = this.#shape.sections.get(id);
    if (section !== undefined) this.#reader.position = section.start;
    const content = new ModuleWriter(section === undefined ? 64 : section.end - section.start + 64);
    if (id === 1) this.#types(section, content);
    else if (id === 2) this.#imports(section, content);
    else if (id === 6) this.#globals(section, content);
    else if (id === 7) this.#exports(section, content);
    else if (section === undefined) return;
    else this.#rewrite(id, section, content);
    this.#output.byte(id);
    this.#output.u32(content.length);
    this.#output.raw(content.written);
  }

  /** Adds a function without parameters and results, and one that answers a number, at the end. */
  #types(section: Section | undefined, content: ModuleWriter): void {
    content.u32(this.#shape.types.length + 2);
    if (section !== undefined) this.#copyEntries(section, content);
    content.byte(FUNCTION_TYPE, 0, 0);
    content.byte(FUNCTION_TYPE, 0, 1, I32);
  }

  /** Adds ours at the end, so that the indexes of the others stay. */
  #imports(section: Section | undefined, content: ModuleWriter): void {
    content.u32(this.#shape.imports + ADDED_IMPORTS);
    if (section !== undefined) this.#copyEntries(section, content);
    this.#import(content, REFILL_IMPORT, this.#shape.types.length + 1);
    this.#import(content, GIVE_WAY_IMPORT, this.#shape.types.length);
  }

  #import(content: ModuleWriter, name: string, type: number): void {
    content.name(METER_MODULE);
    content.name(name);
    content.byte(0);
    content.u32(type);
  }

  /** Adds the function that is called when the fuel is spent, see {@link ModuleMeter.#writeRefill}. */
  #functions(content: ModuleWriter): void {
    this.#each(content, () => content.u32(this.#reader.u32()), this.#addedFunctions);
    if (this.#addedFunctions > 0) content.u32(this.#shape.types.length);
  }

  /** Adds the fuel, which starts at zero: the first thing a module does is to ask for some. */
  #globals(section: Section | undefined, content: ModuleWriter): void {
    const count = section === undefined ? 0 : this.#reader.u32();
    content.u32(count + 1);
    const imported = this.#shape.globals - count;
    for (let i = 0; i < count; i++) this.#global(content, imported + i);
    if (this.#mutableIntegers.length > MAX_RESTORED_GLOBALS) {
      this.#mutableIntegers.length = 0;
      this.#isRestorable = false;
    }
    content.byte(I64, MUTABLE, Op.i64Const, 0, Op.end);
  }

  #exports(section: Section | undefined, content: ModuleWriter): void {
    const count = section === undefined ? 0 : this.#reader.u32();
    const { start, definesMemory } = this.#shape;
    content.u32(count + 1 + (start === undefined ? 0 : 1) + (definesMemory ? 1 : 0) + this.#mutableIntegers.length);
    for (let i = 0; i < count; i++) this.#export(content);
    content.name(FUEL_EXPORT);
    content.byte(GLOBAL_EXPORT);
    content.u32(this.#indexes.fuel);
    for (const index of this.#mutableIntegers) {
      content.name(`${GLOBAL_EXPORT_PREFIX}${index}`);
      content.byte(GLOBAL_EXPORT);
      content.u32(index);
    }
    if (definesMemory) {
      content.name(MEMORY_EXPORT);
      content.byte(MEMORY_EXPORT_KIND, 0);
    }
    if (start === undefined) return;
    content.name(START_EXPORT);
    content.byte(FUNCTION_EXPORT);
    content.u32(this.#indexes.mapFunction(start));
  }

  #copyEntries(section: Section, content: ModuleWriter): void {
    this.#reader.u32();
    content.range(this.#reader.bytes, this.#reader.position, section.end);
  }

  #rewrite(id: number, section: Section, content: ModuleWriter): void {
    switch (id) {
      case 3:
        return this.#functions(content);
      case 4:
        return this.#each(content, () => this.#table(content));
      case 5:
        return this.#each(content, () => this.#limits(content, this.#options.maxMemoryPages, "pages of memory"));
      case 9:
        return this.#each(content, () => this.#elements(content));
      case 10:
        return this.#code(content);
      case 11:
        return this.#each(content, () => this.#data(content));
      default:
        return content.range(this.#reader.bytes, section.start, section.end);
    }
  }

  #each(content: ModuleWriter, rewrite: () => void, added = 0): void {
    const count = this.#reader.u32();
    content.u32(count + added);
    for (let i = 0; i < count; i++) rewrite();
  }

  /** Copies what `skip` walks over. */
  #copy(content: ModuleWriter, skip: () => void): void {
    const start = this.#reader.position;
    skip();
    content.range(this.#reader.bytes, start, this.#reader.position);
  }

  #table(content: ModuleWriter): void {
    this.#copy(content, () => skipValueType(this.#reader));
    this.#limits(content, MAX_TABLE_ENTRIES, "table entries");
  }

  #limits(content: ModuleWriter, limit: number, what: string): void {
    const hasMaximum = this.#reader.byte() === 1;
    const minimum = this.#reader.u32();
    const maximum = hasMaximum ? this.#reader.u32() : limit;
    if (minimum > limit) throw moduleOverLimit(what, minimum, limit);
    content.byte(1);
    content.u32(minimum);
    content.u32(Math.min(maximum, limit));
  }

  #global(content: ModuleWriter, index: number): void {
    this.#copy(content, () => {
      const type = this.#reader.bytes[this.#reader.position];
      skipValueType(this.#reader);
      if (this.#reader.byte() !== MUTABLE) return;
      if (type === I32 || type === I64) this.#mutableIntegers.push(index);
      else this.#isRestorable = false;
    });
    this.#constant(content);
  }

  #export(content: ModuleWriter): void {
    this.#copy(content, () => this.#reader.skipName());
    const kind = this.#reader.byte();
    const index = this.#reader.u32();
    content.byte(kind);
    content.u32(kind === FUNCTION_EXPORT ? this.#indexes.mapFunction(index) : index);
  }

  #elements(content: ModuleWriter): void {
    const flags = this.#reader.u32();
    const [passive, explicit, expressions] = [(flags & 1) !== 0, (flags & 2) !== 0, (flags & 4) !== 0];
    content.u32(flags);
    if (!passive) {
      if (explicit) content.u32(this.#reader.u32());
      this.#constant(content);
    }
    if (passive || explicit) {
      this.#copy(content, () => expressions ? skipValueType(this.#reader) : this.#reader.skip(1));
    }
    this.#each(content, () => {
      if (expressions) this.#constant(content);
      else content.u32(this.#indexes.mapFunction(this.#reader.u32()));
    });
  }

  #data(content: ModuleWriter): void {
    const flags = this.#reader.u32();
    content.u32(flags);
    if (flags === 2) content.u32(this.#reader.u32());
    if (flags !== 1) this.#constant(content);
    this.#copy(content, () => this.#reader.skipName());
  }

  /** A constant expression, up to and with its `end`. */
  #constant(content: ModuleWriter): void {
    for (;;) {
      const opcode = this.#reader.byte();
      content.byte(opcode);
      if (opcode === Op.end) return;
      if (opcode === Op.refFunc) content.u32(this.#indexes.mapFunction(this.#reader.u32()));
      else this.#copy(content, () => skipImmediates(this.#reader, opcode));
    }
  }

  #code(content: ModuleWriter): void {
    const functions = new FunctionMeter(this.#reader, this.#indexes);
    const count = this.#reader.u32();
    content.u32(count + this.#addedFunctions);
    for (let i = 0; i < count; i++) {
      const params = this.#shape.types[this.#shape.functions[i] ?? -1];
      if (params === undefined) throw unsupportedModule("a function without a type");
      functions.meter(params, content);
    }
    if (functions.changesTables) this.#isRestorable = false;
    if (this.#addedFunctions > 0) this.#writeRefill(content);
  }

  /** A module without code needs none of ours. */
  get #addedFunctions(): number {
    return this.#shape.functions.length > 0 ? 1 : 0;
  }

  /** Asks for fuel and gives way if told to; a function of its own, so that the many places that call it stay short. */
  #writeRefill(content: ModuleWriter): void {
    const body = new ModuleWriter(32);
    body.byte(0, Op.call);
    body.u32(this.#shape.importedFunctions);
    body.byte(Op.if, EMPTY_BLOCK, Op.call);
    body.u32(this.#shape.importedFunctions + 1);
    body.byte(Op.end, Op.end);
    content.u32(body.length);
    content.raw(body.written);
  }
}
