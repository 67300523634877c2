/** What commands print to; lines only, so that it reads the same in a terminal, a file and a CI log. */
export interface Terminal {
  readonly color: boolean;
  line(text?: string): void;
}

/** Writes to stdout, in colour when that is a terminal and `NO_COLOR` is not set. */
export function createTerminal(): Terminal {
  const encoder = new TextEncoder();
  return {
    color: Deno.stdout.isTerminal() && !Deno.noColor,
    line: (text = "") => {
      const bytes = encoder.encode(`${text}\n`);
      for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
    },
  };
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 } as const;

export type Style = keyof typeof CODES;

/** `text` in a style, or as it is when the terminal shows none. */
export function styled(terminal: Terminal, style: Style, text: string): string {
  return terminal.color ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;
}

const LABEL_WIDTH = 14;

/** A step of the set-up that is done: a tick, what it was, what came of it, how long it took. */
export function printStep(terminal: Terminal, step: { label: string; detail: string; elapsedMs: number }): void {
  const seconds = `${(step.elapsedMs / 1000).toFixed(2)} s`.padStart(8);
  const tick = styled(terminal, "green", "✔");
  terminal.line(`  ${tick} ${step.label.padEnd(LABEL_WIDTH)}${styled(terminal, "dim", seconds)}  ${step.detail}`);
}

/** A moment in the life of one trigger, counted from when its transaction was sent. */
export function printMoment(terminal: Terminal, moment: { label: string; detail: string; atMs: number }): void {
  const at = `${Math.round(moment.atMs)} ms`.padStart(9);
  const label = styled(terminal, "cyan", moment.label.padEnd(LABEL_WIDTH - 3));
  terminal.line(`  ${styled(terminal, "dim", at)}  ${label}${moment.detail}`);
}
