/** A fenced block of a Markdown text. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
}

export interface ShownCommand {
  readonly command: string;
  readonly line: number;
}

/** A command that is named in a sentence. */
export interface InlineCommand {
  readonly kind: "task" | "command";
  readonly name: string;
  readonly sub: string | undefined;
  readonly line: number;
}

/** @throws Error for a block without a language: nobody could tell how to check it */
export function codeBlocks(markdown: string): CodeBlock[] {
  return Array.from(markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms), (match) => {
    const [, language = "", text = ""] = match;
    const line = lineAt(markdown, match.index);
    if (language === "") throw new Error(`README.md:${line}: the block has no language`);
    return { language, text, line };
  });
}

/** The commands of a block, one per line, without comments. */
export function commandsOf({ text, line }: CodeBlock): ShownCommand[] {
  return text.split("\n").flatMap((source, index) => {
    const command = source.replace(/(?:^|\s+)#.*$/, "").trim();
    return command === "" ? [] : [{ command, line: line + 1 + index }];
  });
}

/** What sentences name in backquotes: `deno task NAME` and `wavs NAME SUB`. */
export function inlineCommands(markdown: string): InlineCommand[] {
  const prose = markdown.replaceAll(/^```.*?^```$/gms, (block) => block.replaceAll(/[^\n]/g, " "));
  return Array.from(prose.matchAll(/`(deno task|wavs) ([\w:-]+)(?: ([a-z]\w*))?[^`]*`/g), (match) => {
    const [, program, name = "", sub] = match;
    return { kind: program === "wavs" ? "command" : "task", name, sub, line: lineAt(prose, match.index) } as const;
  }).filter(({ name }) => !name.startsWith("-"));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
