/**
 * What the sample components answer (spec/engine.md 6.3), as data. Values have the shapes of the component runtime.
 *
 * @module
 */
import { SIMPLE_AGGREGATOR_VECTORS, TIMER_AGGREGATOR_VECTORS } from "./aggregator_vectors.ts";
import { ECHO_VECTORS, SQUARE_VECTORS } from "./operator_vectors.ts";
import type { ComponentVector } from "./vector.ts";

export const COMPONENT_VECTORS: readonly ComponentVector[] = [
  ...SQUARE_VECTORS,
  ...ECHO_VECTORS,
  ...SIMPLE_AGGREGATOR_VECTORS,
  ...TIMER_AGGREGATOR_VECTORS,
];
