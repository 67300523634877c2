const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** The highest version among the tags of a repository, prereleases included (spec/wire.md 8.5); other tags are no versions. */
export function highestVersion(tags: readonly string[]): string | undefined {
  return tags.filter((tag) => VERSION.test(tag)).sort(compareVersions).at(-1);
}

/** Precedence of Semantic Versioning 2.0.0, 11; build metadata does not count. */
export function compareVersions(left: string, right: string): number {
  const [, ...a] = VERSION.exec(left) ?? [];
  const [, ...b] = VERSION.exec(right) ?? [];
  for (let index = 0; index < 3; index++) {
    const order = compareNumbers(a[index] ?? "0", b[index] ?? "0");
    if (order !== 0) return order;
  }
  return comparePrereleases(a[3], b[3]);
}

function comparePrereleases(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
  const [a, b] = [left.split("."), right.split(".")];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareIdentifiers(a[index] ?? "", b[index] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifiers(left: string, right: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isNumber && isOtherNumber) return compareNumbers(left, right);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Of any length: nobody promised that a number in a version fits 53 bits. */
function compareNumbers(left: string, right: string): number {
  const [a, b] = [BigInt(left), BigInt(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}
