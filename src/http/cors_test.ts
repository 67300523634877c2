import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesWildcard } from "./cors.ts";

Deno.test("a star is any run, a question mark one character, the rest itself", () => {
  const cases: readonly [string, string, boolean][] = [
    ["http://localhost:3000", "http://localhost:*", true],
    ["http://localhost:", "http://localhost:*", true],
    ["http://localhost", "http://localhost:*", false],
    ["https://a.example", "https://?.example", true],
    ["https://ab.example", "https://?.example", false],
    ["https://a.example.evil", "https://a.example", false],
    ["https://axexample", "https://a.example", false],
    ["", "*", true],
    ["", "", true],
    ["a", "", false],
  ];
  for (const [text, pattern, expected] of cases) {
    assert.equal(matchesWildcard(text, pattern), expected, `"${text}" and "${pattern}"`);
  }
});

Deno.test("wildcards match what the regular expression of the pattern matches", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
  const patterns = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 6 });
  fc.assert(
    fc.property(letters, patterns, (text, pattern) => {
      const source = pattern.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".");
      assert.equal(matchesWildcard(text, pattern), new RegExp(`^${source}$`).test(text));
    }),
    { numRuns: 2_000 },
  );
});
