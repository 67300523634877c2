/**
 * A feed's writer in a process of its own, as the reference's generation knows them: hypercore 10 over Noise on plain
 * TCP, announced in the older DHT. Arguments: directory, `host:port` of the DHT. Reads lines: `append <hex>` or
 * `fill <count> <bytes>`; says its key and length as a line of JSON at the start and after every line.
 */
import "@/triggers/hypercore/sodium.ts";
import { Buffer } from "node:buffer";
import { createServer } from "node:net";
import Hypercore from "hypercore";
import RandomAccessFile from "random-access-file";
import { linesOf } from "@/cli/lines.ts";
import { announceFeed } from "./announcer.ts";
import { blockOf } from "./blocks.ts";

const [directory = "", bootstrap = ""] = Deno.args;
const storage = (name: string) => new RandomAccessFile(name, { directory, lock: false, sparse: false });
const core = new Hypercore(storage, { compat: true });
await core.ready();

const server = createServer((socket) => {
  socket.setNoDelay(true);
  const stream = core.replicate(false);
  const end = () => {
    socket.destroy();
    stream.destroy();
  };
  stream.on("error", end);
  stream.noiseStream.on("error", end);
  socket.on("error", end);
  socket.on("close", end);
  socket.pipe(stream).pipe(socket);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
const address = server.address();
const port = address !== null && typeof address === "object" ? address.port : 0;

announceFeed({ feedKey: core.key.toString("hex"), bootstrap, port });

function say(): void {
  const line = JSON.stringify({ key: core.key.toString("hex"), port, length: core.length });
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

say();
for await (const line of linesOf(Deno.stdin.readable)) {
  const [command, first = "", second = ""] = line.split(" ");
  if (command === "append") await core.append(Buffer.from(first, "hex"));
  if (command === "fill") {
    const start: number = core.length;
    await core.append(
      Array.from({ length: Number(first) }, (_, index) => Buffer.from(blockOf(start + index, Number(second)))),
    );
  }
  say();
}
Deno.exit(0);
