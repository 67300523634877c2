import type { CommandEntry } from "../commands.ts";

export interface CompletionWords {
  readonly commands: readonly CommandEntry[];
  /** Flags of `wavs run`, with their dashes. */
  readonly flags: readonly string[];
}

/** A shell that completion can be written for. */
export type Shell = keyof typeof SCRIPTS;

/** What each shell reads. Words come from the program's own tables and need no quoting: letters, digits and dashes. */
export const SCRIPTS = { bash, zsh, fish } as const satisfies Record<string, (words: CompletionWords) => string>;

function bash({ commands, flags }: CompletionWords): string {
  const cases = withSubcommands(commands).map(({ name, subcommands }) =>
    `    ${name}) COMPREPLY=($(compgen -W "${subcommands.join(" ")}" -- "$word")) ;;`
  );
  return `_wavs() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$word"))
    return
  fi
  if [ "\${COMP_WORDS[1]}" = run ] && [ "\${word#-}" != "$word" ]; then
    COMPREPLY=($(compgen -W "${flags.join(" ")}" -- "$word"))
    return
  fi
  [ "$COMP_CWORD" -eq 2 ] || return
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
  esac
}
complete -o default -F _wavs wavs`;
}

function zsh({ commands, flags }: CompletionWords): string {
  const described = commands.map(({ name, help }) => `      '${name}:${help}'`);
  const cases = withSubcommands(commands).map(({ name, subcommands }) =>
    `    ${name}) if (( CURRENT == 3 )); then compadd -- ${subcommands.join(" ")}; else _files; fi ;;`
  );
  return `#compdef wavs
_wavs() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${described.join("\n")}
    )
    _describe command commands
    return
  fi
  case $words[2] in
    run) compadd -- ${flags.join(" ")} ;;
${cases.join("\n")}
    *) _files ;;
  esac
}
compdef _wavs wavs`;
}

function fish({ commands, flags }: CompletionWords): string {
  return [
    ...commands.map(({ name, help }) => `complete -c wavs -n __fish_use_subcommand -f -a ${name} -d '${help}'`),
    ...withSubcommands(commands).map(({ name, subcommands }) =>
      `complete -c wavs -n "__fish_seen_subcommand_from ${name}; and not __fish_seen_subcommand_from ${
        subcommands.join(" ")
      }" -f -a "${subcommands.join(" ")}"`
    ),
    ...flags.map((flag) => `complete -c wavs -n "__fish_seen_subcommand_from run" -l ${flag.slice(2)} -r`),
  ].join("\n");
}

function withSubcommands(commands: readonly CommandEntry[]): readonly CommandEntry[] {
  return commands.filter(({ subcommands }) => subcommands.length > 0);
}
