/**
 * Writes what the one file is made of as CycloneDX 1.6: `deno task sbom [--output dist/wavs.cdx.json]`.
 *
 * The same sources give the same bytes, so it holds neither a serial number nor a time.
 */
// The library validates by these, and finds them only where they are imported.
import "ajv";
import "ajv-formats";
import "ajv-formats-draft2019";
import { Contrib, Enums, Models, Serialize, Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { parseArgs } from "node:util";
import parseExpression from "spdx-expression-parse";
import { VERSION } from "@/version.ts";
import { runScript, say } from "../script.ts";
import { idOf, type ShippedPackage, shippedPackages } from "./shipped_packages.ts";

export interface SbomOptions {
  /** The node's. */
  readonly version: string;
  /** Of the runtime that is around the program. */
  readonly denoVersion: string;
}

/** The list of materials as JSON. */
export function renderSbom(packages: readonly ShippedPackage[], { version, denoVersion }: SbomOptions): string {
  const bom = new Models.Bom();
  const licences = new Contrib.License.Factories.LicenseFactory((text) => void parseExpression(text));
  const program = new Models.Component(Enums.ComponentType.Application, "wavs", {
    version,
    bomRef: `wavs@${version}`,
    licenses: new Models.LicenseRepository([licences.makeFromString("Apache-2.0")]),
  });
  const runtime = new Models.Component(Enums.ComponentType.Platform, "deno", {
    version: denoVersion,
    bomRef: `deno@${denoVersion}`,
    purl: `pkg:github/denoland/deno@v${denoVersion}`,
    licenses: new Models.LicenseRepository([licences.makeFromString("MIT")]),
  });
  const components = new Map(packages.map((one) => [idOf(one), componentOf(one, licences)]));
  for (const one of packages) {
    for (const id of one.dependencies) depends(components.get(idOf(one)), components.get(id));
  }
  bom.metadata.component = program;
  for (const component of [runtime, ...components.values()]) {
    bom.components.add(component);
    depends(program, component);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

/** @throws Error when a list of materials breaks the schema of its format */
export async function validateSbom(text: string): Promise<void> {
  const faults = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
  if (faults === null) return;
  throw new Error(`Cannot write the list of materials because it breaks CycloneDX 1.6: ${JSON.stringify(faults)}`);
}

function componentOf(
  { name, version, licence, integrity }: ShippedPackage,
  licences: Contrib.License.Factories.LicenseFactory,
): Models.Component {
  const [group, own] = name.startsWith("@") ? name.split("/", 2) : [undefined, name];
  return new Models.Component(Enums.ComponentType.Library, own ?? name, {
    ...(group === undefined ? {} : { group }),
    version,
    bomRef: `${name}@${version}`,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm["SHA-512"], sha512Of(integrity)]]),
    licenses: new Models.LicenseRepository(licence === undefined ? [] : [licences.makeFromString(licence)]),
  });
}

/** `sha512-` and Base64, as hexadecimal digits. */
function sha512Of(integrity: string): string {
  const [algorithm, digest = ""] = integrity.split("-", 2);
  if (algorithm !== "sha512") throw new Error(`Cannot list "${integrity}" because it is no SHA-512`);
  return Uint8Array.fromBase64(digest).toHex();
}

function depends(component: Models.Component | undefined, on: Models.Component | undefined): void {
  if (component !== undefined && on !== undefined) component.dependencies.add(on.bomRef);
}

if (import.meta.main) {
  await runScript("sbom", async () => {
    const { values } = parseArgs({ options: { output: { type: "string", default: "dist/wavs.cdx.json" } } });
    const packages = await shippedPackages();
    const text = renderSbom(packages, { version: VERSION, denoVersion: Deno.version.deno });
    await validateSbom(text);
    const { output } = values;
    if (output.includes("/")) await Deno.mkdir(output.slice(0, output.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(output, text);
    say(`${output}  ${packages.length} packages, and Deno ${Deno.version.deno}`);
    return 0;
  });
}
