export interface TemplateOptions {
  /** Absolute. */
  readonly data: string;
  /** File of the signing mnemonic; absolute. */
  readonly mnemonic: string;
}

/** A `wavs.toml` to begin with: what must be decided stands there, the rest is one comment away. */
export function configTemplate({ data, mnemonic }: TemplateOptions): string {
  return `# Configuration of an operator node. "wavs --help" lists every key, "wavs doctor" tells what is wrong.

[wavs]
data = ${JSON.stringify(data)}

# Whoever has this file can sign for this operator.
signing_mnemonic_file = ${JSON.stringify(mnemonic)}

# Pays for transactions: a mnemonic or a private key, in a file that only this user can read. Without it the node signs
# and leaves it to other operators to bring answers on chain.
# aggregator_evm_credential_file = "/etc/wavs/aggregator_evm_credential"

# The HTTP API. Changing requests need the token once there is one; without one, anybody who reaches the port may change
# what runs here.
# host = "127.0.0.1"
# port = 8000
# bearer_token_file = "/etc/wavs/bearer_token"

# info, debug, or per module: ["info", "triggers=debug"]
# log_level = ["info"]

# What stored data survives: a crash of the process, or of the machine's power too.
# durability = "process"

# Other operators: on the same network, or over the internet through one or more that are known. "wavs p2p identity"
# prints this node's name among them.
# [wavs.p2p.local]
# listen_port = 9000
# [wavs.p2p.remote]
# listen_port = 9000
# bootstrap_nodes = ["/ip4/203.0.113.5/tcp/9000"]

# A chain to watch and to answer on, by its id.
# [default.chains.evm.31337]
# ws_endpoints = ["ws://127.0.0.1:8545"]
# http_endpoint = "http://127.0.0.1:8545"
# confirmations = 0
`;
}
