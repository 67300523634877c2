import assert from "node:assert/strict";
import { generateWorldTable } from "../../../scripts/gen_world_table.ts";

Deno.test("the world table is what the WIT packages say", async () => {
  const written = await Deno.readTextFile(new URL("world_table.generated.ts", import.meta.url));
  assert.equal(written, await generateWorldTable(), "run scripts/gen_world_table.ts");
});
