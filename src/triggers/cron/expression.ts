import { WavsError } from "@/domain/errors.ts";
import { MAX_EXPRESSION_CHARS } from "./limits.ts";

/** The values at which each field of a cron expression matches, ascending (spec/network.md 1.5). */
export interface CronExpression {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  /** January is 1. */
  readonly months: readonly number[];
  /** Sunday is 1. */
  readonly daysOfWeek: readonly number[];
  /** Every year when the expression has six fields. */
  readonly years: readonly number[];
}

interface FieldRule {
  readonly field: keyof CronExpression;
  readonly called: string;
  readonly min: number;
  readonly max: number;
  /** Whether `?` stands for `*`. */
  readonly mayBeAny?: true;
  readonly names?: ReadonlyMap<string, number>;
}

const MONTH_NAMES = namesOf([
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
]);

const DAY_NAMES = new Map([
  ...namesOf(["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]),
  ["tues", 3] as const,
  ["thurs", 5] as const,
]);

const FIELDS: readonly FieldRule[] = [
  { field: "seconds", called: "second", min: 0, max: 59 },
  { field: "minutes", called: "minute", min: 0, max: 59 },
  { field: "hours", called: "hour", min: 0, max: 23 },
  { field: "daysOfMonth", called: "day of month", min: 1, max: 31, mayBeAny: true },
  { field: "months", called: "month", min: 1, max: 12, names: MONTH_NAMES },
  { field: "daysOfWeek", called: "day of week", min: 1, max: 7, mayBeAny: true, names: DAY_NAMES },
  { field: "years", called: "year", min: 1970, max: 2100 },
];

const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 0 1 1 *"],
  ["@monthly", "0 0 0 1 * *"],
  ["@weekly", "0 0 0 * * 1"],
  ["@daily", "0 0 0 * * *"],
  ["@hourly", "0 0 * * * *"],
]);

/** One item of a field's list, and everything after it that belongs to it: blanks around numbers and names do. */
const BLANKS = "[ \\t\\r\\n]*";
const NUMBER = `${BLANKS}([0-9]+)${BLANKS}`;
const NAME = `${BLANKS}([A-Za-z]+)${BLANKS}`;
const NUMBERS = new RegExp(`${NUMBER}(?:-${NUMBER})?`, "y");
const NAMES = new RegExp(`${NAME}(?:-${NAME})?`, "y");
const STEP = new RegExp(`/${NUMBER}`, "y");
const SPACE = new RegExp(BLANKS, "y");

/**
 * Reads a cron expression: six fields or seven, `sec min hour day-of-month month day-of-week [year]`, or a shorthand.
 *
 * The grammar is that of the crate which other nodes use, to the letter (spec/wire.md 2.3): two operators that read one
 * schedule differently would never agree on an event id.
 *
 * @throws WavsError `cron_invalid` naming the field and what was expected there
 */
export function parseCronExpression(text: string): CronExpression {
  if (text.length > MAX_EXPRESSION_CHARS) {
    throw invalid(`${text.slice(0, 32)}…`, `it is longer than ${MAX_EXPRESSION_CHARS} characters`);
  }
  const trimmed = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  const scanner = new Scanner(SHORTHANDS.get(trimmed) ?? text);
  const values = FIELDS.map((rule) => {
    if (rule.field === "years" && scanner.isAtEnd()) return all(rule);
    return readField(scanner, rule);
  });
  if (!scanner.isAtEnd()) throw scanner.unexpected("the end, after six fields or seven");
  return Object.fromEntries(
    FIELDS.map(({ field }, index) => [field, values[index] ?? []]),
  ) as unknown as CronExpression;
}

/** Takes a text apart from left to right, and says where it is no expression. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** The groups of a sticky pattern when it matches here, which is then behind. */
  take(pattern: RegExp): readonly (string | undefined)[] | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match.slice(1);
  }

  takeText(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  unexpected(expected: string): WavsError {
    const rest = this.#text.slice(this.#at);
    return invalid(this.#text, `it goes on with "${rest}" where ${expected} was expected`);
  }

  wrong(reason: string): WavsError {
    return invalid(this.#text, reason);
  }
}

function readField(scanner: Scanner, rule: FieldRule): readonly number[] {
  scanner.take(SPACE);
  const matching = new Set<number>();
  do {
    for (const value of readItem(scanner, rule)) matching.add(value);
  } while (scanner.takeText(","));
  scanner.take(SPACE);
  return [...matching].sort((left, right) => left - right);
}

/** `*`, a point, a range, or one of them with a step; a step after a point goes on to the field's end. */
function readItem(scanner: Scanner, rule: FieldRule): readonly number[] {
  if (scanner.takeText("*") || (rule.mayBeAny === true && scanner.takeText("?"))) {
    return everyNth(all(rule), readStep(scanner, rule));
  }
  const numbers = scanner.take(NUMBERS);
  if (numbers !== undefined) {
    const [from, to] = numbers.map((digits) => digits === undefined ? undefined : numberIn(digits, scanner, rule));
    const step = readStep(scanner, rule);
    if (from === undefined) throw new Error("a number has digits");
    if (to === undefined) return step === undefined ? [from] : everyNth(range(from, rule.max), step);
    return everyNth(ordered(from, to, scanner, rule), step);
  }
  const names = scanner.take(NAMES);
  if (names === undefined) throw scanner.unexpected(`a ${rule.called}`);
  const [from, to] = names.map((name) => name === undefined ? undefined : named(name, scanner, rule));
  if (from === undefined) throw new Error("a name has letters");
  // A step after a single name is no expression: the slash is left over and refused by whatever comes next.
  return to === undefined ? [from] : everyNth(ordered(from, to, scanner, rule), readStep(scanner, rule));
}

function readStep(scanner: Scanner, rule: FieldRule): number | undefined {
  const digits = scanner.take(STEP)?.[0];
  if (digits === undefined) return undefined;
  const step = Number(digits);
  if (step >= 1 && step <= rule.max) return step;
  throw scanner.wrong(`the step "${digits}" of its ${rule.called} is not between 1 and ${rule.max}`);
}

function numberIn(digits: string, scanner: Scanner, rule: FieldRule): number {
  const value = Number(digits);
  if (value >= rule.min && value <= rule.max) return value;
  throw scanner.wrong(`its ${rule.called} "${digits}" is not between ${rule.min} and ${rule.max}`);
}

function named(name: string, scanner: Scanner, rule: FieldRule): number {
  const value = rule.names?.get(name.toLowerCase());
  if (value !== undefined) return value;
  throw scanner.wrong(`"${name}" is no ${rule.called}`);
}

function ordered(from: number, to: number, scanner: Scanner, rule: FieldRule): readonly number[] {
  if (from <= to) return range(from, to);
  throw scanner.wrong(`the range of its ${rule.called} begins after its end`);
}

function all({ min, max }: FieldRule): readonly number[] {
  return range(min, max);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function everyNth(values: readonly number[], step = 1): readonly number[] {
  return values.filter((_, index) => index % step === 0);
}

/** Each name and its first three letters, counted from 1. */
function namesOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.flatMap((name, index) => [[name, index + 1], [name.slice(0, 3), index + 1]] as const));
}

function invalid(text: string, reason: string): WavsError {
  return new WavsError("cron_invalid", {
    message: `Cannot use the cron expression "${text}" because ${reason}`,
    retryable: false,
    meta: { expression: text },
  });
}
