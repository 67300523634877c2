import type { WorldTable } from "./types.ts";
import {
  AGGREGATOR_EXPORTS,
  AGGREGATOR_HOST_IMPORTS,
  OPERATOR_EXPORTS,
  OPERATOR_HOST_IMPORTS,
  WASI_IMPORTS,
} from "./world_table.generated.ts";

/** `wavs:operator/wavs-world`, as far as this node provides it (spec/engine.md 1.1). */
export const OPERATOR_WORLD: WorldTable = {
  name: "operator",
  imports: new Map([...OPERATOR_HOST_IMPORTS, ...WASI_IMPORTS]),
  exports: new Map(OPERATOR_EXPORTS),
};

/** `wavs:aggregator/aggregator-world`, as far as this node provides it (spec/engine.md 1.1). */
export const AGGREGATOR_WORLD: WorldTable = {
  name: "aggregator",
  imports: new Map([...AGGREGATOR_HOST_IMPORTS, ...WASI_IMPORTS]),
  exports: new Map(AGGREGATOR_EXPORTS),
};
