import assert from "node:assert/strict";
import fc from "fast-check";
import { compareVersions, highestVersion } from "./versions.ts";

Deno.test("versions are ordered as the specification orders them", () => {
  // Semantic Versioning 2.0.0, section 11.
  const ascending = [
    "0.9.99",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "2.0.0",
    "2.1.0",
    "2.1.1",
    "10.0.0",
    "99999999999999999999.0.0",
  ];
  for (const [index, lower] of ascending.entries()) {
    for (const higher of ascending.slice(index + 1)) {
      assert.ok(compareVersions(lower, higher) < 0, `${lower} < ${higher}`);
      assert.ok(compareVersions(higher, lower) > 0, `${higher} > ${lower}`);
    }
    assert.equal(compareVersions(lower, `${lower}+build.5`), 0, lower);
  }
});

Deno.test("the highest version does not depend on the order of the tags", () => {
  const numbers = fc.nat({ max: 12 });
  const versions = fc.tuple(numbers, numbers, numbers, fc.constantFrom("", "-a", "-a.1", "-2", "-10"))
    .map(([major, minor, patch, prerelease]) => `${major}.${minor}.${patch}${prerelease}`);
  fc.assert(fc.property(fc.uniqueArray(versions, { minLength: 1 }), fc.infiniteStream(fc.nat()), (tags, random) => {
    const highest = highestVersion(tags);
    const shuffled = tags.map((tag) => ({ tag, rank: random.next().value })).sort((a, b) => a.rank - b.rank);
    assert.equal(highestVersion(["latest", ...shuffled.map(({ tag }) => tag)]), highest);
    assert.ok(tags.every((tag) => compareVersions(tag, highest ?? "") <= 0));
  }));
});

Deno.test("tags that are no versions are passed over", () => {
  assert.equal(highestVersion(["latest", "v9.0.0", "9.0", "1.0.0", "9.0.0.0", "sha256-0.sig", " 9.0.0"]), "1.0.0");
  assert.equal(highestVersion(["latest"]), undefined);
});
