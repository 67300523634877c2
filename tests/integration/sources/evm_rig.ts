import { REFERENCE_READING, type Trigger } from "@/domain/mod.ts";
import { parseEvmAddress } from "@/domain/mod.ts";
import { testContext } from "@/chains/evm/testing/context.ts";
import { createEvmSource } from "@/triggers/evm/evm_source.ts";
import { SERVICE_URI_UPDATED } from "@/triggers/evm/service_uri.ts";
import { addressOf, CHAIN, chainConfig, nothingRecorded } from "@/triggers/evm/testing/registry.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { LogSpammer, SPAM } from "@tests/support/log_spammer.ts";
import { Relay } from "@tests/support/relay.ts";
import type { SourceRig } from "./compliance.ts";

/** The manager of the suite's first service. */
const MANAGER = addressOf(0x1001);

/** Code that logs a service URI which is none, whenever it is called. */
const GARBAGE_URI = `0x7f${SERVICE_URI_UPDATED.slice(2)}60206000a100`;

/** A real EVM chain behind two endpoints, each of which can be taken away. */
async function openChain() {
  const anvil = await startAnvil();
  const contracts = [await LogSpammer.deploy(anvil), await LogSpammer.deploy(anvil)] as const;
  const relays = [new Relay(anvil.port), new Relay(anvil.port)] as const;
  await contracts[0].rpc("anvil_setCode", [MANAGER, GARBAGE_URI]);
  const config = chainConfig({
    wsEndpoints: relays.map(({ port }) => `ws://127.0.0.1:${port}`),
    reading: REFERENCE_READING,
  });
  return {
    contracts,
    open: () =>
      createEvmSource({ config, missed: "fire_all" }, { context: testContext(20), recordedBlocks: nothingRecorded }),
    cut: async () => {
      await Promise.all(relays.map((relay) => relay.cut()));
      return () => Promise.resolve(relays.forEach((relay) => relay.restore()));
    },
    failOver: () => relays[0].cut(),
    poison: async () => {
      await contracts[0].rpc("eth_sendTransactionSync", [{ ...contracts[0].transaction(1), to: MANAGER }]);
    },
    [Symbol.asyncDispose]: async () => {
      for (const relay of relays) await relay.cut();
      await anvil[Symbol.asyncDispose]();
    },
  };
}

export async function openEventRig(): Promise<SourceRig> {
  const chain = await openChain();
  return {
    ...chain,
    trigger: (kind): Trigger => ({
      kind: "evm_contract_event",
      chain: CHAIN,
      address: parseEvmAddress(chain.contracts[kind].contract),
      eventHash: SPAM,
    }),
    happen: async (count, kind = 0) => {
      for (let block = 0; block < count; block++) await chain.contracts[kind].emit();
    },
  };
}

export async function openIntervalRig(): Promise<SourceRig> {
  const { contracts: [miner], poison: _mines, ...chain } = await openChain();
  return {
    ...chain,
    trigger: (kind): Trigger => ({
      kind: "block_interval",
      chain: CHAIN,
      nBlocks: 1 + kind,
      startBlock: undefined,
      endBlock: undefined,
    }),
    happen: async (count, kind = 0) => {
      await miner.rpc("anvil_mine", [`0x${(count * (1 + kind)).toString(16)}`]);
    },
  };
}
