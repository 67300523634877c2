import assert from "node:assert/strict";
import { type TestContext, testContext } from "@/chains/evm/testing/context.ts";
import type { ScriptedChain, ScriptedLog } from "@/chains/evm/testing/scripted_chain.ts";
import { type EvmChainConfig, parseBytes32, type RegistrySnapshot } from "@/domain/mod.ts";
import type { MissedPolicy } from "../../missed.ts";
import type { Cursor } from "../../types.ts";
import { createEvmSource, type EvmSource } from "../evm_source.ts";
import type { RecordedBlocks } from "../follower.ts";
import { Collector } from "../../testing/collector.ts";
import { addressOf, chainConfig, nothingRecorded, registryOf, watchedService } from "./registry.ts";

export const TOPIC = parseBytes32("11".repeat(32));
export const CONTRACT = addressOf(1);
export const LOG: ScriptedLog = { address: CONTRACT, topics: [TOPIC], data: "0x0102" };
export const WATCHED: RegistrySnapshot = registryOf([watchedService(1, [{ address: CONTRACT, eventHash: TOPIC }])]);

export interface FollowOptions {
  readonly from?: Cursor;
  readonly registry?: RegistrySnapshot;
  readonly speed?: number;
  readonly http?: boolean;
  readonly config?: Partial<EvmChainConfig>;
  readonly missed?: MissedPolicy;
  readonly recordedBlocks?: RecordedBlocks;
}

export interface Followed extends AsyncDisposable {
  readonly source: EvmSource;
  readonly collector: Collector;
  readonly context: TestContext;
}

/** A source on the chain, once it follows it. */
export async function follow(chain: ScriptedChain, options: FollowOptions = {}): Promise<Followed> {
  const context = testContext(options.speed ?? 20);
  const endpoints = options.http ? { httpEndpoint: chain.httpUrl } : { wsEndpoints: [chain.wsUrl] };
  const config = chainConfig({ ...endpoints, ...options.config });
  const source = createEvmSource({ config, missed: options.missed ?? "fire_all" }, {
    context,
    recordedBlocks: options.recordedBlocks ?? nothingRecorded,
  });
  const watching = source.watch(options.registry ?? WATCHED);
  const collector = new Collector(source, options.from);
  await watching;
  return { source, collector, context, [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose]() };
}

/** Waits for something that no batch tells of. */
export async function poll(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 2_000, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
