import { parse } from "yaml";

export const ROOT = new URL("../../", import.meta.url);

const WORKFLOWS = new URL(".github/workflows/", ROOT);

/** As much of a GitHub workflow as its tests look at. */
export interface Workflow {
  readonly file: string;
  readonly text: string;
  readonly permissions: Permissions;
  readonly jobs: Readonly<Record<string, Job>>;
}

export type Permissions = Readonly<Record<string, string>>;

export interface Job {
  readonly "runs-on": string;
  readonly needs?: string | readonly string[];
  readonly permissions?: Permissions;
  readonly "timeout-minutes"?: number;
  readonly strategy?: { readonly matrix: { readonly include: readonly MatrixRow[] } };
  readonly steps: readonly Step[];
}

export type MatrixRow = Readonly<Record<string, string>>;

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
}

export function readWorkflows(): Workflow[] {
  return Array.from(Deno.readDirSync(WORKFLOWS), ({ name }) => readWorkflow(name));
}

export function readWorkflow(file: string): Workflow {
  const text = Deno.readTextFileSync(new URL(file, WORKFLOWS));
  return { file, text, ...(parse(text) as Omit<Workflow, "file" | "text">) };
}

/** A job of a workflow. @throws Error when there is none of that name */
export function jobOf({ file, jobs }: Workflow, name: string): Job {
  const job = jobs[name];
  if (job === undefined) throw new Error(`There is no job "${name}" in ${file}`);
  return job;
}

/** What a job's steps run, one text for each. */
export function commandsOf({ steps }: Job): string[] {
  return steps.flatMap(({ run }) => run === undefined ? [] : [run]);
}

/** A command as one row of the matrix makes it. */
export function expand(command: string, row: MatrixRow): string {
  return command.replaceAll(/\$\{\{ matrix\.(\w+) \}\}/g, (_, key: string) => {
    const value = row[key];
    if (value === undefined) throw new Error(`The matrix has no "${key}" for "${command}"`);
    return value;
  });
}

/** The command of the only step of a job that holds a text. */
export function commandWith(job: Job, text: string): string {
  const [command, ...others] = commandsOf(job).filter((run) => run.includes(text));
  if (command === undefined || others.length > 0) throw new Error(`There is not exactly one step with "${text}"`);
  return command;
}
