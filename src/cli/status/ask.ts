import type { Config } from "@/config/mod.ts";
import { describeError, WavsError } from "@/domain/mod.ts";

/** How long a running node may take to answer. */
const REQUEST_TIMEOUT_MS = 10_000;

/** The bodies of what a node tells of itself over its API (spec/wire.md 5). */
export interface NodeAnswers {
  readonly url: string;
  readonly info: string;
  readonly health: string;
  readonly services: string;
  readonly p2p: string;
  readonly metrics: string;
}

/** @throws WavsError `node_unreachable`, retryable; `node_refused` */
export async function askNode({ host, port, bearerToken }: Config): Promise<NodeAnswers> {
  const url = `http://${reachable(host)}:${port}`;
  const headers = bearerToken === undefined ? {} : { authorization: `Bearer ${bearerToken}` };
  const ask = (path: string) => get(`${url}${path}`, headers);
  const [info, health, services, p2p, metrics] = await Promise.all([
    ask("/info"),
    ask("/health"),
    ask("/services"),
    ask("/p2p/status"),
    ask("/metrics"),
  ]);
  return { url, info, health, services, p2p, metrics };
}

/** A node that listens everywhere is reached here. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

async function get(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    text = await response.text();
  } catch (cause) {
    throw new WavsError("node_unreachable", {
      message: `No node answers at "${url}": ${describeError(cause)}; start it with wavs run, or name it with --port`,
      retryable: true,
      cause,
    });
  }
  if (response.ok) return text;
  throw new WavsError("node_refused", {
    message: `The node answered ${response.status} to "${url}": ${text}`,
    retryable: false,
  });
}
