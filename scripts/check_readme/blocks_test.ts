import assert from "node:assert/strict";
import { codeBlocks, commandsOf, inlineCommands } from "./blocks.ts";

Deno.test("blocks have their language, text and line", () => {
  assert.deepEqual(codeBlocks("a\n\n```sh\nls  # all\n```\n```toml\nx = 1\n```\n"), [
    { language: "sh", text: "ls  # all\n", line: 3 },
    { language: "toml", text: "x = 1\n", line: 6 },
  ]);
  assert.throws(() => codeBlocks("```\nls\n```\n"), /README\.md:1: the block has no language/);
});

Deno.test("commands are the lines of a block without their comments", () => {
  const text = "wavs run   # the node\n\n# nothing\ncurl http://x/#y\n";
  assert.deepEqual(commandsOf({ language: "sh", text, line: 10 }), [
    { command: "wavs run", line: 11 },
    { command: "curl http://x/#y", line: 14 },
  ]);
});

Deno.test("sentences name tasks and commands, blocks do not", () => {
  const markdown =
    "Run `deno task dev --once` or `wavs p2p identity`.\n```sh\n`wavs gone`\n```\n`wavs --help`, `wavs run`\n";
  assert.deepEqual(inlineCommands(markdown), [
    { kind: "task", name: "dev", sub: undefined, line: 1 },
    { kind: "command", name: "p2p", sub: "identity", line: 1 },
    { kind: "command", name: "run", sub: undefined, line: 5 },
  ]);
});
