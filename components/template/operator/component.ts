/** Greets whoever the trigger names. */
import { configVar, log, textOperator } from "../../wavs/mod.ts";

export const run = textOperator((name, { triggerId }) => {
  log.info(`trigger ${triggerId} names "${name}"`);
  return `${configVar("greeting") ?? "hello"}, ${name}`;
});
