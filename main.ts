import { runCli } from "@/cli/main.ts";

Deno.exit(await runCli(Deno.args));
