/** What went over the WebSockets of a benchmark, and how long it was waited for. */
export class SocketTimes {
  /** Milliseconds in which at least one request was under way. */
  waitedMs = 0;
  /** Of every answer, to be parsed again for a lower bound. */
  readonly answers: string[] = [];
  /** The first announcement of a block that was not looked at yet. */
  firstAnnouncedAt: number | undefined;
  #underWay = 0;
  #since = 0;

  asked(): void {
    if (this.#underWay++ === 0) this.#since = performance.now();
  }

  told(text: string): void {
    const now = performance.now();
    if (text.includes('"eth_subscription"')) {
      this.firstAnnouncedAt ??= now;
      return;
    }
    this.answers.push(text);
    if (--this.#underWay === 0) this.waitedMs += now - this.#since;
  }

  reset(): void {
    this.waitedMs = 0;
    this.answers.length = 0;
    this.firstAnnouncedAt = undefined;
  }
}

/** Has every WebSocket that is opened from now on report to `times`; the node itself has no need to know. */
export function timeSockets(times: SocketTimes): void {
  const Real = globalThis.WebSocket;
  globalThis.WebSocket = class extends Real {
    constructor(...parameters: ConstructorParameters<typeof Real>) {
      super(...parameters);
      // Before whoever opened it listens: reading the answer is not part of waiting for it.
      this.addEventListener("message", ({ data }) => times.told(String(data)));
    }

    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
      times.asked();
      super.send(data);
    }
  };
}
