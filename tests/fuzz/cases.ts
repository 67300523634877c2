import { checkComponent } from "./component_case.ts";
import type { Corpus } from "./corpus.ts";
import { type CaseOutcome, checkModule } from "./module_case.ts";
import { mutate } from "./mutations.ts";
import { Random } from "./random.ts";
import { randomModule } from "./random_module.ts";

/** One case: hostile bytes, and what is done with them. */
export interface FuzzCase {
  readonly kind: "mutated module" | "random module" | "damaged random module" | "component";
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The case of a seed and an index, the same every time. */
export function fuzzCase(seed: number, index: number, { modules, components }: Corpus): FuzzCase {
  const random = new Random(seed, index);
  switch (random.below(10)) {
    case 0:
    case 1:
      return { kind: "random module", bytes: randomModule(random) };
    case 2:
    case 3:
    case 4: {
      const made = randomModule(random);
      return { kind: "damaged random module", bytes: mutate(made, random, [made, ...modules]) };
    }
    case 5:
    case 6:
      return { kind: "mutated module", bytes: mutate(random.pick(modules), random, modules) };
    default:
      return { kind: "component", bytes: mutate(random.pick(components), random, [...components, ...modules]) };
  }
}

/** @throws Error when the node would break a promise on these bytes */
export async function checkCase({ kind, bytes }: FuzzCase): Promise<CaseOutcome> {
  return kind === "component" ? await checkComponent(bytes) : checkModule(bytes);
}
