import { WavsError } from "@/domain/errors.ts";
import {
  canonicalJson,
  isJsonArray,
  isJsonObject,
  jsonMap,
  type JsonObject,
  type JsonValue,
  parseJson,
} from "@/domain/json/mod.ts";
import type { AtProtoAction, TriggerData } from "@/domain/trigger.ts";
import { MAX_NAME_CHARS, MAX_OPERATIONS } from "./limits.ts";

export type AtProtoEvent = Extract<TriggerData, { kind: "AtProtoEvent" }>;

/** What one message of a Jetstream server says. */
export interface JetstreamFrame {
  /** The server's time of the event, in microseconds: what a cursor is made of. */
  readonly timeUs: bigint;
  /** None for a kind of message that fires nothing. */
  readonly events: readonly AtProtoEvent[];
}

/** What all events of a frame share. */
interface Envelope {
  readonly sequence: bigint;
  readonly timestamp: bigint;
  readonly repo: string;
}

/**
 * Reads a message the way other nodes do, who take several spellings of it (spec/network.md 1.6).
 *
 * @throws WavsError `invalid_json`, `jetstream_frame_invalid`
 */
export function readFrame(text: string, maxChars: number): JetstreamFrame {
  const frame = parseJson(text, { maxChars });
  if (!isJsonObject(frame)) throw invalid("it is no object");
  const timestamp = integerIn(frame, "time_us", "timeUs");
  if (timestamp === undefined) throw invalid('it has no "time_us"');
  const envelope = { sequence: integerIn(frame, "seq") ?? 0n, timestamp, repo: required(frame, "did", "repo") };
  return { timeUs: timestamp, events: eventsOf(frame, envelope) };
}

function eventsOf(frame: JsonObject, envelope: Envelope): readonly AtProtoEvent[] {
  const kind = textIn(frame, "kind", "type");
  switch (kind) {
    case "commit":
      return commitEvents(memberIn(frame, "commit"), envelope);
    case "identity":
      return [identityEvent(memberIn(frame, "identity"), envelope)];
    case "account":
      return [accountEvent(memberIn(frame, "account"), envelope)];
    default:
      return [];
  }
}

function commitEvents(commit: JsonObject, envelope: Envelope): readonly AtProtoEvent[] {
  const operations = commit.get("operations") ?? commit.get("ops");
  if (operations !== undefined && isJsonArray(operations)) {
    if (operations.length > MAX_OPERATIONS) throw invalid(`it has ${operations.length} operations`);
    return operations.map((operation, opIndex) => operationEvent(operation, { commit, envelope, opIndex }));
  }
  const operation = commit.get("operation");
  const isNested = operation !== undefined && isJsonObject(operation);
  const inner = isNested ? operation : commit;
  const action = isNested ? textIn(commit, "action") ?? textIn(operation, "action") : textIn(commit, "operation");
  const collection = textIn(inner, "collection") ?? required(commit, "collection");
  const rkey = textIn(inner, "rkey") ?? required(commit, "rkey");
  return [commitEvent(inner, { commit, envelope, collection, rkey, action, opIndex: undefined })];
}

function operationEvent(
  operation: JsonValue,
  { commit, envelope, opIndex }: { commit: JsonObject; envelope: Envelope; opIndex: number },
): AtProtoEvent {
  if (!isJsonObject(operation)) throw invalid(`its operation ${opIndex} is no object`);
  const [collection = "", rkey = "", ...rest] = required(operation, "path").split("/");
  if (collection === "" || rkey === "" || rest.length > 0) throw invalid(`its operation ${opIndex} has no usable path`);
  return commitEvent(operation, { commit, envelope, collection, rkey, action: textIn(operation, "action"), opIndex });
}

interface CommitParts {
  readonly commit: JsonObject;
  readonly envelope: Envelope;
  readonly collection: string;
  readonly rkey: string;
  readonly action: string | undefined;
  readonly opIndex: number | undefined;
}

function commitEvent(
  source: JsonObject,
  { commit, envelope, collection, rkey, action, opIndex }: CommitParts,
): AtProtoEvent {
  const record = source.get("record") ?? null;
  return {
    kind: "AtProtoEvent",
    ...envelope,
    collection,
    rkey,
    action: actionOf(action ?? "update"),
    cid: textIn(source, "cid"),
    // Components get the keys in this order from every node.
    record: record === null ? undefined : canonicalJson(record),
    rev: textIn(commit, "rev"),
    opIndex,
  };
}

function identityEvent(identity: JsonObject, envelope: Envelope): AtProtoEvent {
  return {
    ...eventOfRepo(envelope, pick(identity, "handle", "seq", "time")),
    collection: "identity",
    rkey: textIn(identity, "handle") ?? "",
    action: "update",
  };
}

function accountEvent(account: JsonObject, envelope: Envelope): AtProtoEvent {
  return {
    ...eventOfRepo(envelope, pick(account, "active", "status", "seq", "time")),
    collection: "account",
    rkey: "status",
    action: account.get("active") === true ? "update" : "delete",
  };
}

function eventOfRepo(envelope: Envelope, record: JsonObject) {
  return { kind: "AtProtoEvent", ...envelope, cid: undefined, record, rev: undefined, opIndex: undefined } as const;
}

function pick(object: JsonObject, ...names: readonly string[]): JsonObject {
  return jsonMap(names.map((name) => [name, object.get(name) ?? null]));
}

function actionOf(action: string): AtProtoAction {
  if (action === "create" || action === "update" || action === "delete") return action;
  throw invalid(`it has the unknown action "${action.slice(0, 40)}"`);
}

function memberIn(object: JsonObject, name: string): JsonObject {
  const member = object.get(name);
  if (member !== undefined && isJsonObject(member)) return member;
  throw invalid(`it has no "${name}"`);
}

function required(object: JsonObject, ...names: readonly string[]): string {
  const text = textIn(object, ...names);
  if (text === undefined) throw invalid(`it has no "${names[0]}"`);
  return text;
}

function textIn(object: JsonObject, ...names: readonly string[]): string | undefined {
  const text = names.map((name) => object.get(name)).find((member) => typeof member === "string");
  if (text !== undefined && text.length > MAX_NAME_CHARS) throw invalid(`its "${names[0]}" is too long`);
  return text;
}

function integerIn(object: JsonObject, ...names: readonly string[]): bigint | undefined {
  const integer = names.map((name) => object.get(name)).find((member) => typeof member === "bigint");
  // Both are signed 64-bit numbers wherever they go next.
  return integer === undefined ? undefined : BigInt.asIntN(64, integer) === integer ? integer : undefined;
}

function invalid(reason: string): WavsError {
  return new WavsError("jetstream_frame_invalid", {
    message: `Cannot use a message of the Jetstream server because ${reason}`,
    retryable: false,
  });
}
