import assert from "node:assert/strict";
import { isWavsError } from "@/domain/errors.ts";
import { parseLogDirectives, thresholdOf, verbosestThreshold } from "./directives.ts";

Deno.test("directives of the other implementation select the modules of this one", () => {
  const cases: readonly (readonly [texts: readonly string[], module: string, expected: string])[] = [
    [[], "engine", "error"],
    [["info"], "engine", "info"],
    [["INFO"], "engine", "info"],
    [["info, wavs=debug"], "engine", "debug"],
    [["wavs=debug", "info"], "", "debug"],
    [["wavs::triggers=trace", "info"], "triggers.evm", "trace"],
    [["triggers.evm=trace", "info"], "triggers.cron", "info"],
    [["info", "hyper=trace"], "http", "info"],
    [["engine"], "engine.pool", "trace"],
    [["off"], "engine", "off"],
    [["debug", "info"], "engine", "info"],
    [["info", "[{subsys=TriggerManager}]=debug"], "triggers", "debug"],
    [["info", "wavs[{subsys=Engine}]=trace"], "engine", "trace"],
    [["info", "[{subsys=Engine}]"], "engine", "trace"],
    [[" , info , "], "engine", "info"],
  ];
  for (const [texts, module, expected] of cases) {
    assert.equal(thresholdOf(parseLogDirectives(texts), module), expected, `${JSON.stringify(texts)} for "${module}"`);
  }
});

Deno.test("a directive that means nothing is refused with what was expected", () => {
  for (const text of ["wavs=loud", "=info", "a b", "[{subsys=Nobody}]=debug", "[span]=debug", "wavs=", "1.=x"]) {
    assert.throws(
      () => parseLogDirectives([text]),
      (error) => isWavsError(error, "log_directive_invalid") && error.message.includes(`"${text}"`),
      text,
    );
  }
});

Deno.test("a worker is told the most talkative level of anything it runs", () => {
  const directives = parseLogDirectives(["warn", "triggers.evm=trace", "engine=off"]);
  assert.equal(verbosestThreshold(directives, "triggers"), "trace");
  assert.equal(verbosestThreshold(directives, "triggers.evm"), "trace");
  assert.equal(verbosestThreshold(directives, "triggers.cron"), "warn");
  assert.equal(verbosestThreshold(directives, "engine"), "off");
});
