import fc from "fast-check";

interface FieldShape {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
  readonly stars: readonly string[];
}

const STARS = ["*"];
const FIELDS: readonly FieldShape[] = [
  { min: 0, max: 59, names: [], stars: STARS },
  { min: 0, max: 59, names: [], stars: STARS },
  { min: 0, max: 23, names: [], stars: STARS },
  { min: 1, max: 31, names: [], stars: ["*", "?"] },
  {
    min: 1,
    max: 12,
    names: ["jan", "February", "MAR", "apr", "may", "june", "Jul", "aug", "sep", "oct", "nov", "dec"],
    stars: STARS,
  },
  { min: 1, max: 7, names: ["sun", "Monday", "tues", "WED", "thurs", "fri", "saturday"], stars: ["*", "?"] },
  { min: 1970, max: 2100, names: [], stars: STARS },
];

/** Expressions that are right more often than not, and near misses of every kind. */
export function cronExpressions(): fc.Arbitrary<string> {
  const count = fc.constantFrom(6, 6, 6, 7, 7, 5, 8);
  const separator = fc.constantFrom(" ", " ", " ", "  ", "\t", "");
  const fields = count.chain((length) =>
    fc.tuple(...Array.from({ length }, (_, index) => fieldOf(FIELDS[Math.min(index, 6)] ?? FIELDS[0]!)))
  );
  const written = fc.tuple(fields, separator).map(([parts, between]) => parts.join(between));
  return fc.oneof(
    { weight: 60, arbitrary: written },
    {
      weight: 2,
      arbitrary: fc.constantFrom("@yearly", "@monthly", " @weekly ", "@daily", "@hourly", "@Hourly", "@reboot"),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(written, fc.nat(), fc.constantFrom("", ",", "-", "/", "*", "?", "L", "#", " ", "0")).map(
        mutated,
      ),
    },
  );
}

function fieldOf(shape: FieldShape): fc.Arbitrary<string> {
  const star = fc.constantFrom(...shape.stars);
  return fc.oneof(
    { weight: 4, arbitrary: star },
    { weight: 6, arbitrary: fc.array(itemOf(shape), { minLength: 1, maxLength: 3 }).map((items) => items.join(",")) },
    { weight: 1, arbitrary: fc.array(itemOf(shape), { minLength: 1, maxLength: 3 }).map((items) => items.join(" , ")) },
  );
}

function itemOf({ min, max, names, stars }: FieldShape): fc.Arbitrary<string> {
  const number = fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min, max }) },
    { weight: 1, arbitrary: fc.constantFrom(0, min - 1, max + 1, 4_294_967_296) },
  ).map((value) => value < 0 ? "0" : String(value));
  const padded = fc.oneof({ weight: 9, arbitrary: number }, { weight: 1, arbitrary: number.map((text) => `0${text}`) });
  const step = fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 1, max: Math.min(max, 70) }) }, {
    weight: 1,
    arbitrary: fc.constantFrom(0, max + 1),
  });
  const range = fc.tuple(padded, padded).map(([from, to]) =>
    Number(from) <= Number(to) || from.startsWith("0") ? `${from}-${to}` : `${to}-${from}`
  );
  const options: fc.Arbitrary<string>[] = [
    padded,
    range,
    fc.tuple(fc.oneof(range, padded, fc.constantFrom(...stars)), step).map(([base, every]) => `${base}/${every}`),
    fc.constantFrom(...stars),
  ];
  if (names.length > 0) {
    const name = fc.constantFrom(...names);
    options.push(name, fc.tuple(name, name).map(([from, to]) => `${from}-${to}`));
    options.push(fc.tuple(name, name, step).map(([from, to, every]) => `${from}-${to}/${every}`));
  }
  return fc.oneof(...options);
}

function mutated([text, at, insert]: [string, number, string]): string {
  const position = at % (text.length + 1);
  return text.slice(0, position) + insert + text.slice(position + 1);
}
