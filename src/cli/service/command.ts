import { isAbsolute, resolve } from "node:path";
import { describeError, WavsError } from "@/domain/mod.ts";
import { type CommandOptions, invalidOption, optionsHelp, parseCommand, wantsHelp } from "../command_options.ts";
import { isFile } from "../is_file.ts";
import { executablePath } from "../self.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { type UnitOptions, unitText } from "./unit.ts";

const DEFAULT_NAME = "wavs";
const DEFAULT_OUTPUT = "/etc/systemd/system";

const OPTIONS = {
  home: { type: "string", value: "DIRECTORY", help: "Where wavs.toml is; default: /etc/NAME" },
  credential: {
    type: "string",
    value: "KEY=FILE",
    multiple: true,
    help: "A secret and its file; default: those of KEY's name in --home",
  },
  "memory-max": { type: "string", value: "SIZE", help: "Most memory: 4G, 80% or infinity; default: 80%" },
  name: { type: "string", value: "NAME", help: "Of the unit, its user and its directories; default: wavs" },
  exec: { type: "string", value: "FILE", help: "The executable; default: this one" },
  output: { type: "string", value: "DIRECTORY", help: "Where the unit goes; default: /etc/systemd/system" },
  print: { type: "boolean", help: "Print the unit and write nothing" },
  force: { type: "boolean", help: "Write over a unit that is there" },
} as const satisfies CommandOptions;

const HELP = `wavs install-service: a systemd unit that keeps the node running, and in a sandbox

  wavs install-service                    /etc/systemd/system/wavs.service, for /etc/wavs/wavs.toml
  wavs install-service --print            look at it first
  wavs install-service --name wavs-test --memory-max 2G
  wavs install-service --credential signing_mnemonic=/root/keys/mnemonic

  The node runs as a user of its own that exists while it runs, may write to /var/lib/NAME and /var/cache/NAME and to
  nothing else, and reads its secrets from systemd, so that their files stay root's alone. It says when it is ready, and
  is started again when it dies or hangs. "systemctl reload NAME" reads wavs.toml again, "systemctl stop NAME" lets what
  is under way end. Nothing is started by this command: it prints what to type next.

Options
${optionsHelp(OPTIONS)}`;

/** Secrets of wavs.toml that systemd may hand over; without the first there is no node. */
const CREDENTIAL_KEYS = ["signing_mnemonic", "aggregator_evm_credential", "bearer_token"] as const;

/** What means nothing else to systemd anywhere in a unit: no blank, quote, %, $, backslash or control character. */
const PLAIN_PATH = /^\/[\w.+/-]*$/;

/** What is also the name of a user (systemd.exec(5), User=). */
const NAME = /^[a-z][a-z0-9-]{0,30}$/;

const MEMORY_MAX = /^(?:[1-9]\d{0,14}[KMGT]?|[1-9]\d?%|100%|infinity)$/;

/** What a service does not see as others do: home directories and temporary ones. */
const HIDDEN = /^\/(?:home|root|run\/user|tmp|var\/tmp)(?:\/|$)/;

/**
 * `wavs install-service`.
 *
 * @returns the exit code
 * @throws WavsError `option_invalid`, `service_unsupported`, `service_exists`, `service_failed`; nothing is written then
 */
export function runInstallService(args: readonly string[], terminal: Terminal = createTerminal()): number {
  if (wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  const { options, positionals: [extra] } = parseCommand("install-service", OPTIONS, args);
  if (extra !== undefined) throw invalidOption("wavs install-service", extra, "options only");
  const name = checked("--name", options.name ?? DEFAULT_NAME, {
    pattern: NAME,
    expected: "at most 31 lower-case letters, digits and dashes, a letter first",
  });
  const home = visiblePath("--home", resolve(options.home ?? `/etc/${name}`));
  const unit: UnitOptions = {
    name,
    home,
    executable: visiblePath("--exec", executableOf(options.exec)),
    memoryMax: checked("--memory-max", options["memory-max"] ?? "80%", {
      pattern: MEMORY_MAX,
      expected: "bytes with K, M, G or T, a share such as 80%, or infinity",
    }),
    credentials: credentialsOf(options.credential, home),
  };
  const text = unitText(unit);
  if (options.print) {
    terminal.line(text.trimEnd());
    return 0;
  }
  const path = `${resolve(options.output ?? DEFAULT_OUTPUT)}/${name}.service`;
  write(path, text, options.force);
  terminal.line(`Written: ${path}`);
  terminal.line();
  terminal.line("Next");
  for (const line of nextSteps(unit)) terminal.line(`  ${line}`);
  return 0;
}

function checked(
  flag: string,
  value: string,
  { pattern, expected }: { readonly pattern: RegExp; readonly expected: string },
): string {
  if (!pattern.test(value)) throw invalidOption(flag, value, expected);
  return value;
}

function plainPath(flag: string, path: string): string {
  const expected = "a path of letters, digits and . _ + - / only, since systemd reads others differently";
  return checked(flag, path, { pattern: PLAIN_PATH, expected });
}

function visiblePath(flag: string, path: string): string {
  plainPath(flag, path);
  if (!HIDDEN.test(path)) return path;
  throw invalidOption(flag, path, "a path that a service can see, such as /usr/local/bin/wavs or /etc/wavs");
}

function executableOf(given: string | undefined): string {
  const path = given === undefined ? executablePath() : resolve(given);
  if (path === undefined) {
    throw new WavsError("service_unsupported", {
      message:
        "Cannot make a service of a checkout; build the executable with deno task compile, and name it with --exec",
      retryable: false,
    });
  }
  return path;
}

function credentialsOf(given: readonly string[], home: string): ReadonlyMap<string, string> {
  const named = new Map(given.map((text) => {
    const [key = "", path = ""] = text.split(/=(.*)/s, 2);
    if (!CREDENTIAL_KEYS.some((known) => known === key) || !isAbsolute(path)) {
      throw invalidOption("--credential", text, `KEY=/path with one of ${CREDENTIAL_KEYS.join(", ")}`);
    }
    return [key, plainPath("--credential", path)] as const;
  }));
  const found = CREDENTIAL_KEYS.filter((key) => key === "signing_mnemonic" || isFile(`${home}/${key}`));
  return new Map([...found.map((key) => [key, `${home}/${key}`] as const), ...named]);
}

function write(path: string, text: string, force: boolean): void {
  try {
    // Beside it first: systemd may read at any moment.
    if (!force) return Deno.writeTextFileSync(path, text, { createNew: true, mode: 0o644 });
    Deno.writeTextFileSync(`${path}.new`, text, { mode: 0o644 });
    Deno.renameSync(`${path}.new`, path);
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists) {
      throw new WavsError("service_exists", {
        message:
          `Cannot write "${path}" because it is there already; look at the new one with --print, replace it with --force`,
        retryable: false,
      });
    }
    throw new WavsError("service_failed", {
      message: `Cannot write "${path}" because ${describeError(cause)}; run it as root, or give another --output`,
      retryable: false,
      cause,
    });
  }
}

/** What is missing, and then how to start it. */
function nextSteps({ name, home, executable, credentials }: UnitOptions): readonly string[] {
  const config = `${home}/wavs.toml`;
  const mnemonic = credentials.get("signing_mnemonic") ?? "";
  return [
    ...(isFile(executable) ? [] : [`install -m 755 wavs ${executable}`]),
    ...(isFile(config) ? [] : [`wavs init ${home}`]),
    ...(isFile(mnemonic) || mnemonic === `${home}/signing_mnemonic` ? [] : [`put the mnemonic into ${mnemonic}`]),
    // "wavs init" keeps the directory to its owner; the user of the service is another.
    ...(mayAll(home, 0o001) ? [] : [`chmod 755 ${home}`]),
    ...(!isFile(config) || mayAll(config, 0o004) ? [] : [`chmod 644 ${config}    when no secret is in it`]),
    "systemctl daemon-reload",
    `systemctl enable --now ${name}`,
    `systemctl status ${name}`,
  ];
}

function mayAll(path: string, bits: number): boolean {
  try {
    return ((Deno.statSync(path).mode ?? 0) & bits) === bits;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
