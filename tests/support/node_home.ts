import { privateKeyOf, SENDER_INDEX, TEST_MNEMONIC, testAccount } from "./contracts.ts";

/** A chain as a node is told of it. */
export interface HomeChain {
  readonly chainId: number;
  readonly httpUrl: string;
  /** Without it the chain is polled. */
  readonly wsUrl?: string;
}

export interface HomeOptions {
  readonly chains?: readonly HomeChain[];
  /** Keys of `[wavs]` and their TOML values; `undefined` leaves out one of the usual ones. */
  readonly settings?: Readonly<Record<string, string | undefined>>;
  /** Where the data is to be; default below the home. */
  readonly data?: string;
}

/** A directory with a `wavs.toml`, gone at the end of the test with everything below it. */
export interface NodeHome extends AsyncDisposable {
  readonly path: string;
  readonly data: string;
}

export async function createHome(options: HomeOptions = {}): Promise<NodeHome> {
  const path = await Deno.makeTempDir({ prefix: "wavs-test-" });
  const data = options.data ?? `${path}/data`;
  await Deno.writeTextFile(`${path}/wavs.toml`, configText(data, options), { mode: 0o600 });
  return { path, data, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function configText(data: string, { chains = [], settings = {} }: HomeOptions): string {
  const all: HomeOptions["settings"] = {
    port: "0",
    data: JSON.stringify(data),
    signing_mnemonic: JSON.stringify(TEST_MNEMONIC),
    aggregator_evm_credential: JSON.stringify(privateKeyOf(testAccount(SENDER_INDEX))),
    dev_endpoints_enabled: "true",
    allow_private_networks: "true",
    ...settings,
  };
  const lines = Object.entries(all).flatMap(([key, value]) => value === undefined ? [] : [`${key} = ${value}`]);
  const tables = chains.map(({ chainId, httpUrl, wsUrl }) =>
    [
      `[default.chains.evm.${chainId}]`,
      `ws_endpoints = ${JSON.stringify(wsUrl === undefined ? [] : [wsUrl])}`,
      `http_endpoint = ${JSON.stringify(httpUrl)}`,
    ].join("\n")
  );
  return ["[wavs]", ...lines, ...tables, ""].join("\n");
}
