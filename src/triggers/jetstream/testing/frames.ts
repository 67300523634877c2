import type { RegistrySnapshot, Trigger, WatchedService } from "@/domain/mod.ts";
import { parseWorkflowId } from "@/domain/mod.ts";
import { registryOf, watchedService } from "../../evm/testing/registry.ts";
import type { AtProtoTrigger } from "../watchlist.ts";
import type { ScriptedFrame } from "./jetstream_server.ts";

export const POSTS = "app.bsky.feed.post";
export const ALICE = "did:plc:alice";
export const BOB = "did:plc:bob";

/** A trigger that fires for all that is not said otherwise. */
export function trigger(options: Partial<AtProtoTrigger> = {}): Trigger {
  return { kind: "at_proto_event", collection: POSTS, repoDid: undefined, action: undefined, ...options };
}

/** The `number`th service, whose workflows `wf-0`, `wf-1`, … have these triggers. */
export function serviceWith(number: number, ...triggers: readonly Trigger[]): WatchedService {
  const workflows = triggers.map((trigger, index) => ({ workflowId: parseWorkflowId(`wf-${index}`), trigger }));
  return { ...watchedService(number, []), workflows };
}

export function watched(...triggers: readonly Trigger[]): RegistrySnapshot {
  return registryOf([serviceWith(1, ...triggers)]);
}

/** The `number`th post of a repository, as a server sends it. */
export function post(number: number, did = ALICE): ScriptedFrame {
  return {
    did,
    kind: "commit",
    commit: {
      rev: `3k${String(number).padStart(11, "0")}`,
      operation: "create",
      collection: POSTS,
      rkey: `post-${number}`,
      record: { $type: POSTS, text: `number ${number}` },
      cid: `bafy${number}`,
    },
  };
}
