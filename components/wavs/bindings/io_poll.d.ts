export interface Pollable {
  [Symbol.dispose](): void;
}

declare const poll: {
  poll(pollables: readonly Pollable[]): Uint32Array | number[];
};
export default poll;
