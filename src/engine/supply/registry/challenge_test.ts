import assert from "node:assert/strict";
import { parseChallenge } from "./challenge.ts";

Deno.test("a bearer challenge is read with its parameters in any order, quoted or not", () => {
  const expected = { realm: "https://ghcr.io/token", service: "ghcr.io" };
  for (
    const header of [
      'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull"',
      'bearer service=ghcr.io, realm="https://ghcr.io/token"',
      '  BEARER  scope="a,b=c",  service="gh\\cr.io" ,realm="https://ghcr.io/token"',
    ]
  ) assert.deepEqual(parseChallenge(header), expected, header);
  assert.deepEqual(parseChallenge('Bearer realm="x"'), { realm: "x", service: undefined });
});

Deno.test("what is no bearer challenge is none", () => {
  for (const header of ["", "Bearer", "Bearer service=x", 'Basic realm="x"', 'BearerX realm="x"']) {
    assert.equal(parseChallenge(header), undefined, header);
  }
});
