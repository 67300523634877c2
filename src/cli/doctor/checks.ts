import { statfsSync } from "node:fs";
import {
  checkEvmEndpoint,
  createHttpEndpoint,
  createLazyWsEndpoint,
  endpointLabel,
  isWsUrl,
  parseQuantity,
} from "@/chains/mod.ts";
import type { Config } from "@/config/mod.ts";
import type { Context } from "@/context/mod.ts";
import { describeError, type EvmAddress, type EvmChainConfig, isWavsError } from "@/domain/mod.ts";
import { startSigner } from "@/signer/mod.ts";
import { readBalance } from "@/submission/mod.ts";
import { lockDataDirectory, openDatabaseToRead } from "@/storage/mod.ts";
import { isFile } from "../is_file.ts";
import { ENDPOINT_TIMEOUT_MS, MIN_FREE_BYTES } from "./limits.ts";
import type { Finding } from "./types.ts";

/** What a node that is stopped would find on its data directory, and whether one is running there. */
export function checkData({ data }: Config): { readonly findings: readonly Finding[]; readonly isRunning: boolean } {
  const name = "data directory";
  try {
    // Made by the node when it starts; looking leaves no trace.
    if (!exists(data)) return { findings: [checkParent(data)], isRunning: false };
    const isRunning = isLocked(data);
    const found = isRunning ? `"${data}", and a node is running on it` : `"${data}"`;
    return { findings: [ok(name, found), checkSpace(data), ...checkDatabase(data)], isRunning };
  } catch (error) {
    const findings = [fail(name, describeError(error), "give a directory this user may write to as data")];
    return { findings, isRunning: false };
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether the nearest directory above one that is not there yet takes new ones. */
function checkParent(data: string): Finding {
  const name = "data directory";
  let parent = data;
  while (!exists(parent)) parent = parent.slice(0, parent.lastIndexOf("/")) || (parent.startsWith("/") ? "/" : ".");
  try {
    Deno.removeSync(Deno.makeTempDirSync({ dir: parent, prefix: ".wavs-doctor-" }));
    return ok(name, `"${data}" will be made when the node starts`);
  } catch (error) {
    return fail(
      name,
      `"${data}" is not there and cannot be made in "${parent}": ${describeError(error)}`,
      `run mkdir -p "${data}" as a user who may, and chown it to the one who runs the node`,
    );
  }
}

function isLocked(data: string): boolean {
  try {
    lockDataDirectory(data)[Symbol.dispose]();
    return false;
  } catch (error) {
    if (isWavsError(error, "data_locked")) return true;
    throw error;
  }
}

function checkSpace(data: string): Finding {
  const name = "disk";
  const { bavail, bsize } = statfsSync(data);
  const free = bavail * bsize;
  const detail = `${(free / 1e9).toFixed(1)} GB free`;
  return free >= MIN_FREE_BYTES ? ok(name, detail) : warn(name, detail, `free some space on the volume of "${data}"`);
}

function checkDatabase(data: string): readonly Finding[] {
  const path = `${data}/wavs.sqlite`;
  if (!isFile(path)) return [];
  const name = "database";
  try {
    using database = openDatabaseToRead(path);
    const verdict = database.sql("PRAGMA quick_check(1)").get()?.quick_check;
    if (verdict === "ok") return [ok(name, "readable and whole")];
    return [fail(name, `damaged: ${String(verdict)}`, "put a backup in its place, or start with another directory")];
  } catch (error) {
    // An older version is brought up to date when the node starts.
    return [warn(name, describeError(error), "start this version of the node on it once")];
  }
}

/** Whether the keys can be used; they are only ever in the signer's worker, as in a node. */
export async function checkKeys(
  config: Config,
  context: Context,
): Promise<{ readonly findings: readonly Finding[]; readonly payer: EvmAddress | undefined }> {
  const name = "signing key";
  if (config.signingMnemonic === undefined) {
    const fix = "set WAVS_SIGNING_MNEMONIC, or signing_mnemonic_file in wavs.toml; wavs init makes a new one";
    return { findings: [fail(name, "there is no signing mnemonic", fix)], payer: undefined };
  }
  try {
    const signer = await startSigner(
      { signingMnemonic: config.signingMnemonic, aggregatorEvmCredential: config.aggregatorEvmCredential },
      { context },
    );
    try {
      const first = ok(name, `the first service's operator is ${await signer.api.operatorAddress(1)}`);
      const payer = await signer.api.transactionAddress(undefined);
      const paying = payer === undefined
        ? warn(
          "paying key",
          "there is none: this node signs, and others bring the answers on chain",
          "set WAVS_AGGREGATOR_EVM_CREDENTIAL, or aggregator_evm_credential_file in wavs.toml",
        )
        : ok("paying key", `transactions come from ${payer}`);
      return { findings: [first, paying], payer };
    } finally {
      signer.close();
    }
  } catch (error) {
    return { findings: [fail(name, describeError(error), "put the right secret in its place")], payer: undefined };
  }
}

/** Whether the API's port can be listened on. */
export function checkPort({ host, port }: Config, isRunning: boolean): Finding {
  const name = "HTTP API";
  const where = `${host}:${port}`;
  try {
    Deno.listen({ hostname: host, port }).close();
    return ok(name, port === 0 ? "any free port" : `${where} is free`);
  } catch (error) {
    if (isRunning && error instanceof Deno.errors.AddrInUse) return ok(name, `${where} is in use, by the node perhaps`);
    return fail(name, `${where} cannot be listened on: ${describeError(error)}`, "give another port or host");
  }
}

/** Every endpoint of every chain, and what the paying account has there. */
export async function checkChains(
  { chains }: Config,
  payer: EvmAddress | undefined,
  context: Context,
): Promise<readonly Finding[]> {
  if (chains.length === 0) {
    const fix = "name one in wavs.toml: [default.chains.evm.1] with ws_endpoints and http_endpoint";
    return [warn("chains", "no chain is configured: only cron, feeds and manual triggers can fire", fix)];
  }
  const findings = await Promise.all(chains.map(async (chain) => {
    if (chain.kind !== "evm") {
      return [fail(`chain ${chain.key}`, "Cosmos chains are not built yet", "remove it from wavs.toml")];
    }
    return [
      ...await Promise.all(endpointsOf(chain).map((url) => checkEndpoint(chain, url, context))),
      ...(payer === undefined ? [] : await checkBalance(chain, payer, context)),
    ];
  }));
  return findings.flat();
}

function endpointsOf({ wsEndpoints, httpEndpoint }: EvmChainConfig): readonly string[] {
  return [...wsEndpoints, ...(httpEndpoint === undefined ? [] : [httpEndpoint])];
}

async function checkEndpoint(chain: EvmChainConfig, url: string, context: Context): Promise<Finding> {
  const name = `chain ${chain.key}`;
  const label = endpointLabel(url);
  const fix = "start it, or correct its URL in wavs.toml";
  try {
    const signal = AbortSignal.timeout(ENDPOINT_TIMEOUT_MS);
    await checkEvmEndpoint(chain.key, url, { context, signal });
    return await checkChainId(chain, url, context) ?? ok(name, `${label} answers and is in sync`);
  } catch (error) {
    return fail(name, `${label}: ${describeError(error)}`, fix);
  }
}

/** An endpoint of another chain answers as well as the right one. */
async function checkChainId(chain: EvmChainConfig, url: string, context: Context): Promise<Finding | undefined> {
  const answered = await askChainId(url, context);
  if (String(answered) === chain.chainId) return undefined;
  const detail = `${endpointLabel(url)} is of the chain ${answered}, not ${chain.chainId}`;
  return fail(`chain ${chain.key}`, detail, "correct its URL in wavs.toml");
}

async function askChainId(url: string, context: Context): Promise<bigint> {
  if (!isWsUrl(url)) return parseQuantity(await createHttpEndpoint(url, context).request("eth_chainId", []));
  await using endpoint = createLazyWsEndpoint(url, context);
  return parseQuantity(await endpoint.request("eth_chainId", []));
}

async function checkBalance(chain: EvmChainConfig, payer: EvmAddress, context: Context): Promise<readonly Finding[]> {
  if (chain.httpEndpoint === undefined) return [];
  const name = `chain ${chain.key}`;
  try {
    const wei = await readBalance(createHttpEndpoint(chain.httpEndpoint, context), payer);
    if (wei > 0n) return [ok(name, `${payer} has ${Number(wei) / 1e18}`)];
    return [warn(name, `${payer} has nothing and cannot pay for transactions`, `send it some of the chain's coin`)];
  } catch (error) {
    return [warn(name, `its balance cannot be asked for: ${describeError(error)}`, "see to the endpoint first")];
  }
}

export function ok(name: string, detail: string): Finding {
  return { name, state: "ok", detail };
}

export function warn(name: string, detail: string, fix: string): Finding {
  return { name, state: "warn", detail, fix };
}

export function fail(name: string, detail: string, fix: string): Finding {
  return { name, state: "fail", detail, fix };
}
