/** One message of gossip as it is encoded. */
export interface RpcMessage {
  readonly from?: Uint8Array;
  readonly data?: Uint8Array;
  readonly seqno?: Uint8Array;
  readonly topic: string;
  readonly signature?: Uint8Array;
  readonly key?: Uint8Array;
}

interface Ids {
  readonly topicID?: string;
  readonly messageIDs: readonly Uint8Array[];
}

export interface RpcControl {
  readonly ihave: readonly Ids[];
  readonly iwant: readonly Ids[];
  readonly graft: readonly { readonly topicID?: string }[];
  readonly prune: readonly {
    readonly topicID?: string;
    readonly peers: readonly unknown[];
    readonly backoff?: bigint;
  }[];
  readonly idontwant: readonly Ids[];
}

/** What travels in one frame of gossip. */
export interface Rpc {
  readonly subscriptions: readonly { readonly subscribe?: boolean; readonly topic?: string }[];
  readonly messages: readonly RpcMessage[];
  readonly control?: RpcControl;
}

/** Most that a field costs besides its bytes: one byte of tag and three of length, for itself and for what it is in. */
const FIELD_BYTES = 4;

/** One thing to be sent, and at most how long it is. */
interface Item {
  readonly bytes: number;
  addTo(part: Part): void;
}

interface Part {
  subscriptions: Rpc["subscriptions"][number][];
  messages: RpcMessage[];
  control: { -readonly [Kind in keyof RpcControl]: RpcControl[Kind][number][] };
}

/**
 * Divides an RPC into ones that are no longer than `maxBytes` encoded, in the same order: subscriptions, control,
 * messages. Only a message that is longer by itself stays so.
 */
export function splitRpc(rpc: Rpc, maxBytes: number): Rpc[] {
  const parts: Part[] = [];
  let part = emptyPart();
  let bytes = 0;
  for (const item of itemsOf(rpc)) {
    if (bytes > 0 && bytes + item.bytes > maxBytes) {
      parts.push(part);
      part = emptyPart();
      bytes = 0;
    }
    item.addTo(part);
    bytes += item.bytes;
  }
  if (bytes > 0) parts.push(part);
  return parts.map(({ subscriptions, messages, control }) => ({
    subscriptions,
    messages,
    ...(Object.values(control).some((entries) => entries.length > 0) ? { control } : {}),
  }));
}

function emptyPart(): Part {
  return { subscriptions: [], messages: [], control: { ihave: [], iwant: [], graft: [], prune: [], idontwant: [] } };
}

function* itemsOf({ subscriptions, control, messages }: Rpc): Iterable<Item> {
  for (const entry of subscriptions) {
    yield { bytes: textBytes(entry.topic) + 2 * FIELD_BYTES, addTo: (part) => part.subscriptions.push(entry) };
  }
  if (control !== undefined) yield* controlItems(control);
  for (const message of messages) {
    yield { bytes: messageBytes(message), addTo: (part) => part.messages.push(message) };
  }
}

function* controlItems({ ihave, iwant, graft, prune, idontwant }: RpcControl): Iterable<Item> {
  for (const entry of ihave) yield* idItems(entry, (part) => part.control.ihave);
  for (const entry of iwant) yield* idItems(entry, (part) => part.control.iwant);
  for (const entry of idontwant) yield* idItems(entry, (part) => part.control.idontwant);
  for (const entry of graft) {
    yield { bytes: textBytes(entry.topicID) + 3 * FIELD_BYTES, addTo: (part) => part.control.graft.push(entry) };
  }
  for (const entry of prune) {
    // Peers are never told with a prune: peer exchange is off.
    const bytes = textBytes(entry.topicID) + 6 * FIELD_BYTES;
    yield { bytes, addTo: (part) => part.control.prune.push({ ...entry, peers: [] }) };
  }
}

/** One id each; those that end in the same part become one entry again. */
function* idItems({ topicID, messageIDs }: Ids, listOf: (part: Part) => Ids[]): Iterable<Item> {
  for (const id of messageIDs) {
    yield {
      // As if each stood alone with its topic, which bounds them together too.
      bytes: id.length + textBytes(topicID) + 4 * FIELD_BYTES,
      addTo: (part) => {
        const list = listOf(part);
        const last = list.at(-1);
        if (last !== undefined && last.topicID === topicID) (last.messageIDs as Uint8Array[]).push(id);
        else list.push({ ...(topicID === undefined ? {} : { topicID }), messageIDs: [id] });
      },
    };
  }
}

/** At most 204 bytes besides the data, 242 with the key of an Ed25519 peer (spec/network.md 5.5). */
function messageBytes({ from, data, seqno, topic, signature, key }: RpcMessage): number {
  const fields = [from, data, seqno, signature, key].filter((field) => field !== undefined);
  return fields.reduce((sum, field) => sum + field.length + headerBytes(field.length), 0) +
    textBytes(topic) + headerBytes(textBytes(topic)) + FIELD_BYTES;
}

/** Tag and length of a field. */
function headerBytes(length: number): number {
  return length < 0x80 ? 2 : length < 0x4000 ? 3 : 4;
}

/** At most: topics of ours are ASCII, those of others may not be. */
function textBytes(text: string | undefined): number {
  return text === undefined ? 0 : new TextEncoder().encode(text).length;
}
