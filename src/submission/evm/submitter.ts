import type { Bytes32, EvmAddress, SubmitOutcome } from "@/domain/mod.ts";
import { readBalance } from "./rpc.ts";
import type { AccountState, EvmSubmission, HandlerCall, Submitter } from "../types.ts";
import { deliver } from "./delivery.ts";
import { type Lane, type LaneModules, type LaneOptions, openLane } from "./lane.ts";
import { Sightings } from "./sightings.ts";

/** Submits from one account to one EVM chain; nothing is asked of the chain before the first submission. */
export function createEvmSubmitter(options: LaneOptions, modules: LaneModules): Submitter {
  return new EvmSubmitter(options, modules);
}

class EvmSubmitter implements Submitter {
  readonly #options: LaneOptions;
  readonly #modules: LaneModules;
  readonly #sightings: Sightings;
  readonly #running = new Map<number, Promise<SubmitOutcome>>();
  #lane: Promise<Lane> | undefined;

  constructor(options: LaneOptions, modules: LaneModules) {
    this.#options = options;
    this.#modules = modules;
    this.#sightings = new Sightings(modules.rpc, modules.context);
  }

  submit(submission: EvmSubmission): Promise<SubmitOutcome> {
    const { actionId } = submission;
    const running = this.#running.get(actionId);
    if (running !== undefined) return running;
    const started = this.#run(submission).finally(() => this.#running.delete(actionId));
    this.#running.set(actionId, started);
    return started;
  }

  announced(call: HandlerCall, txHash: Bytes32, operator: EvmAddress): void {
    this.#sightings.announce(call, txHash, operator);
  }

  async account(): Promise<AccountState | undefined> {
    const lane = await this.#lane?.catch(() => undefined);
    if (lane?.latestCostWei === undefined) return undefined;
    return {
      balanceWei: await readBalance(lane.rpc, lane.account.address),
      latestCostWei: lane.latestCostWei,
    };
  }

  async #run(submission: EvmSubmission): Promise<SubmitOutcome> {
    return await deliver(await this.#openLane(), submission);
  }

  /** One for all; a failed attempt is made anew by the next submission. */
  #openLane(): Promise<Lane> {
    this.#lane ??= openLane(this.#options, { ...this.#modules, sightings: this.#sightings }).catch((error: unknown) => {
      this.#lane = undefined;
      throw error;
    });
    return this.#lane;
  }
}
