import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeChainConfigs,
  decodeTriggerData,
  encodeChainConfigs,
  encodeTriggerData,
  parseJson,
  parseService,
  parseSubmission,
  printJson,
  printService,
  printSubmission,
  serviceDigestOf,
} from "@/domain/mod.ts";
import { chainConfigs, jsonValues, services, submissions, triggerData } from "./testing/arbitraries.ts";

Deno.test("any JSON value survives printing and parsing", () => {
  fc.assert(fc.property(jsonValues(), (value) => assert.deepEqual(parseJson(printJson(value)), value)));
});

Deno.test("any JSON value survives postMessage", () => {
  fc.assert(fc.property(jsonValues(), (value) => assert.equal(printJson(structuredClone(value)), printJson(value))));
});

Deno.test("what JSON.parse makes of printed JSON is the same but for precision", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    assert.deepEqual(JSON.parse(printJson(parseJson(text))), JSON.parse(text));
  }));
});

Deno.test("any text either parses as JSON.parse parses it or is refused by both", () => {
  const nearJson = fc.string({ unit: fc.constantFrom(...'[]{}",:.-+0123456789eEtrufalsn \n\t\\/\u0001') });
  fc.assert(
    fc.property(nearJson, (text) => {
      // 1e999 is Infinity to JSON.parse and out of range here.
      fc.pre(!/[eE]\+?[0-9]{3,}/.test(text));
      assert.equal(parses(() => parseJson(text)), parses(() => JSON.parse(text)));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("any service survives printing and parsing", () => {
  fc.assert(fc.property(services(), (service) => {
    const text = printService(service);
    assert.deepEqual(parseService(text), service);
    assert.equal(printService(parseService(text)), text);
  }));
});

Deno.test("a service's digest does not depend on the order of its maps", () => {
  fc.assert(fc.property(services(), (service) => {
    const reversed = { ...service, workflows: new Map([...service.workflows].reverse()) };
    assert.equal(serviceDigestOf(reversed), serviceDigestOf(service));
  }));
});

Deno.test("any trigger data survives printing, parsing and postMessage", () => {
  fc.assert(fc.property(triggerData(), (data) => {
    assert.deepEqual(decodeTriggerData(parseJson(printJson(encodeTriggerData(data)))), data);
    assert.deepEqual(structuredClone(data), data);
  }));
});

Deno.test("any submission survives printing and parsing", () => {
  fc.assert(fc.property(submissions(), (submission) => {
    assert.deepEqual(parseSubmission(printSubmission(submission)), submission);
  }));
});

Deno.test("any set of chain configurations survives printing and parsing", () => {
  fc.assert(fc.property(fc.array(chainConfigs(), { maxLength: 4 }), (configs) => {
    const byKey = new Map(configs.map((config) => [config.key, config]));
    assert.deepEqual(decodeChainConfigs(parseJson(printJson(encodeChainConfigs(byKey.values())))), byKey);
  }));
});

function parses(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
