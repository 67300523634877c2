import { buildComponents } from "@components/build.ts";
import type { NodeClient } from "@/cli/dev/node_client.ts";
import type { ComponentDigest } from "@/domain/mod.ts";

/** Uploads sample components, built when they are out of date, and tells their digests by name. */
export async function uploadSamples<Name extends string>(
  client: NodeClient,
  names: readonly Name[],
): Promise<Record<Name, ComponentDigest>> {
  const digests: Partial<Record<Name, ComponentDigest>> = {};
  for (const { name, path } of await buildComponents({ names })) {
    digests[name as Name] = await client.uploadComponent(await Deno.readFile(path));
  }
  // The builder answers with exactly the names it was asked for.
  return digests as Record<Name, ComponentDigest>;
}
