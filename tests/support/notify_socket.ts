import { until } from "./until.ts";

/** What one datagram said. */
export type Notification = Readonly<Record<string, string>>;

/** The end of `NOTIFY_SOCKET` that a service manager listens on. */
export interface NotifySocket extends AsyncDisposable {
  /** For the environment of the process. */
  readonly address: string;
  /** Everything that came, in order. */
  readonly received: readonly Notification[];
  /** The first that has this variable, among those from number `from` on. */
  next(name: string, from?: number): Promise<Notification>;
}

/** Listens as systemd does: at a path, or at an abstract name. */
export async function listenForNotifications(kind: "path" | "abstract" = "path"): Promise<NotifySocket> {
  const directory = await Deno.makeTempDir({ prefix: "wavs-notify-" });
  const name = `${directory}/notify`;
  const socket = Deno.listenDatagram({ transport: "unixpacket", path: kind === "path" ? name : `\0${name}` });
  const received: Notification[] = [];
  const listening = (async () => {
    for await (const [bytes] of socket) {
      const lines = new TextDecoder().decode(bytes).split("\n").map((line) => line.split(/=(.*)/s, 2));
      received.push(Object.fromEntries(lines));
    }
  })();
  return {
    address: kind === "path" ? name : `@${name}`,
    received,
    next: (variable, from = 0) =>
      until(`the node says ${variable}`, () => received.slice(from).find((message) => variable in message)),
    async [Symbol.asyncDispose]() {
      socket.close();
      await listening;
      await Deno.remove(directory, { recursive: true });
    },
  };
}
