import { decodeText, encodeText, type EvmEventLog, host, toHex } from "../wavs/mod.ts";
import { httpRequest } from "../wavs/http.ts";

/** Whether the transaction that emitted an event is still in the block the event was seen in: no reorg took it out. */
export function isOnChain(chain: string, { txHash, blockHash }: EvmEventLog): boolean {
  const config = host.getEvmChainConfig(chain);
  if (config === null) throw new Error(`Could not get evm chain config for ${chain}`);
  if (config.httpEndpoint === null) throw new Error(`Could not get http endpoint for ${chain}`);
  return blockOfTransaction(config.httpEndpoint, `0x${toHex(txHash)}`) === `0x${toHex(blockHash)}`;
}

/** Hash of the block a transaction is in, or `undefined` while it is in none. @throws Error when the node does not tell */
function blockOfTransaction(endpoint: string, txHash: string): string | undefined {
  const call = { jsonrpc: "2.0", id: 1, method: "eth_getTransactionByHash", params: [txHash] };
  const { body } = httpRequest(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: encodeText(JSON.stringify(call)),
  });
  const answer = JSON.parse(decodeText(body)) as {
    readonly result?: { readonly blockHash: string | null } | null;
    readonly error?: { readonly message: string };
  };
  if (answer.error !== undefined) throw new Error(`Could not look up ${txHash}: ${answer.error.message}`);
  return answer.result?.blockHash?.toLowerCase();
}
