/** Where events of AT Protocol come from. */
export interface JetstreamOptions {
  /** WebSocket URLs of servers of the same network, in the order they are tried. */
  readonly endpoints: readonly string[];
  /** Bytes of the longest message that is wanted; 0 for any, as far as this node reads one at all. */
  readonly maxMessageBytes: number;
}
