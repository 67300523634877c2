/** What `--help` prints: examples first, then every flag from the table that also parses it. */
export async function help(): Promise<string> {
  const { helpText } = await import("@/config/mod.ts");
  return `wavs: an AVS operator node

  Watches chains, runs a service's WASI component for every trigger in a sandbox, signs the answer,
  and brings it on chain once the service manager contract accepts the signatures.

Examples
  wavs dev                                 the whole main job on this machine, with a local chain
  wavs dev --once                          the same, once: exits 0 only if the answer on chain is right
  wavs dev --component hello.wasm --once   a component of yours instead of the sample
  wavs dev --operators 3                   three nodes that find each other and agree; one of them pays
  wavs init /etc/wavs                      a configuration and a new mnemonic to begin with
  wavs doctor --home /etc/wavs             what is missing or wrong, and how to mend it
  wavs run                                 the node, configured by wavs.toml (see below where it is looked for)
  wavs run --home /etc/wavs --port 9000
  wavs install-service                     a systemd unit that keeps the node running, in a sandbox
  wavs status                              how the running node is
  wavs exec square.wasm --input '{"x":5}'  run a component once, here; see wavs exec --help
  wavs component gc --dry-run              what belongs to no service; see wavs component gc --help
  wavs component new hello                 a new component in TypeScript; see wavs component --help
  wavs triggers gaps                       prove that nothing is missing; see wavs triggers --help
  wavs p2p identity                        this node's name among operators; see wavs p2p --help
  wavs completions bash                    completion for a shell: bash, zsh or fish
  wavs version --json

Exit codes
  0   done
  1   something must be changed first; the message says what
  75  temporary; start it again

Signals of wavs run
  SIGTERM  ends it once what is under way is done, after ten seconds at the latest; so does SIGINT
  SIGHUP   reads the configuration again: log levels and new chains take effect, and the log names what needs a restart

Configuration: a flag wins over its environment variable, that over [wavs] in wavs.toml, that over [default],
that over the built-in default. wavs.toml is looked for in --home, $WAVS_HOME, the current directory, ~/.wavs,
the system's configuration directory and /etc/wavs; the first one found is used.

Flags
${helpText()}`;
}
