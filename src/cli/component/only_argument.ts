import { WavsError } from "@/domain/mod.ts";

export interface ArgumentWanted {
  readonly command: string;
  /** What it is, for the message when it is missing. */
  readonly expected: string;
  /** What is meant when there is none. */
  readonly fallback?: string;
}

/** The one argument of a command. @throws WavsError `option_missing` */
export function onlyArgument(positionals: readonly string[], { command, expected, fallback }: ArgumentWanted): string {
  const [first = fallback, ...others] = positionals;
  if (first !== undefined && others.length === 0) return first;
  throw new WavsError("option_missing", {
    message: first === undefined
      ? `The command "${command}" needs ${expected}; see wavs ${command} --help`
      : `The command "${command}" takes one argument, not "${first}" and "${others[0]}"; see wavs ${command} --help`,
    retryable: false,
  });
}
