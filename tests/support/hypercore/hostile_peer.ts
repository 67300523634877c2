import { createServer, type Socket } from "node:net";
import { announceFeed } from "./announcer.ts";

export interface HostilePeerOptions {
  /** The feed it claims to have. */
  readonly feedKey: string;
  /** `host:port` of the DHT. */
  readonly bootstrap: string;
  readonly behave: (socket: Socket) => void;
}

/** Somebody who announces a feed and then does as he likes. */
export class HostilePeer implements AsyncDisposable {
  /** How often he was connected to. */
  visits = 0;
  readonly #close: () => Promise<void>;

  private constructor(close: () => Promise<void>) {
    this.#close = close;
  }

  static async start({ feedKey, bootstrap, behave }: HostilePeerOptions): Promise<HostilePeer> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      peer.visits++;
      sockets.add(socket);
      socket.on("error", () => {});
      behave(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const announced = announceFeed({ feedKey, bootstrap, port });
    const peer = new HostilePeer(async () => {
      for (const socket of sockets) socket.destroy();
      await announced[Symbol.asyncDispose]();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
