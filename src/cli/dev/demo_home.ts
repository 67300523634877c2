import type { Anvil } from "./anvil.ts";

/** The phrase every local chain funds; never one to use anywhere else. */
export const DEV_MNEMONIC = "test test test test test test test test test test test junk";

export interface DemoHomeOptions {
  readonly anvil: Anvil;
  /** Default: a free one. */
  readonly port?: number;
  /** Default {@link DEV_MNEMONIC}. */
  readonly signingMnemonic?: string;
  /** What pays for transactions. Default {@link DEV_MNEMONIC}. */
  readonly credential?: string;
  /** More lines of `[wavs]`. */
  readonly settings?: readonly string[];
}

/** Writes the `wavs.toml` of a node of the demo into a fresh directory. @returns the directory, for the caller to remove */
export async function createDemoHome(options: DemoHomeOptions): Promise<string> {
  const { anvil, port = 0, signingMnemonic = DEV_MNEMONIC, credential = DEV_MNEMONIC, settings = [] } = options;
  const home = await Deno.makeTempDir({ prefix: "wavs-dev-" });
  const text = `[wavs]
port = ${port}
data = "${home}/data"
log_level = ["warn"]
signing_mnemonic = "${signingMnemonic}"
aggregator_evm_credential = "${credential}"
dev_endpoints_enabled = true
allow_private_networks = true
${settings.join("\n")}

[default.chains.evm.${anvil.chainId}]
ws_endpoints = ["${anvil.wsUrl}"]
http_endpoint = "${anvil.httpUrl}"
`;
  await Deno.writeTextFile(`${home}/wavs.toml`, text, { mode: 0o600 });
  return home;
}
