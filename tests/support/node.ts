import { NodeClient } from "@/cli/dev/node_client.ts";
import { createNodeLogging } from "@/cli/logging.ts";
import { loadConfig } from "@/config/mod.ts";
import type { EventRow, Journal } from "@/journal/mod.ts";
import { startNode } from "@/node.ts";
import type { NodeHome } from "./node_home.ts";
import { PATIENCE_MS } from "./until.ts";

const ENDS = ["final", "skipped", "dead", "orphaned"];

/** A whole node in this process, with everything it is made of. */
export interface TestNode extends AsyncDisposable {
  readonly url: string;
  readonly client: NodeClient;
  readonly journal: Journal;
  /** What it logged, as JSON lines. */
  readonly log: readonly string[];
  /** How the first `count` triggers that ended since the start ended, in the order in which they were detected. */
  ended(count: number): Promise<readonly EventRow[]>;
}

/** Starts the node that the home's `wavs.toml` describes; nothing else of this process's environment reaches it. */
export async function startTestNode(home: NodeHome): Promise<TestNode> {
  const { config } = loadConfig({ args: ["--home", home.path], env: {} });
  const log: string[] = [];
  const ended = new Set<number>();
  const listeners = new Set<() => void>();
  const node = await startNode(config, {
    ...createNodeLogging(config, "json", (line) => void log.push(line)),
    readEnv: () => undefined,
    observe: (change) => {
      if (change.subject !== "event" || !ENDS.includes(change.state)) return;
      ended.add(change.eventRow);
      for (const listener of listeners) listener();
    },
  });
  const { journal } = node;
  return {
    url: node.url,
    client: new NodeClient(node.url),
    journal,
    log,
    ended: async (count) => {
      const done = Promise.withResolvers<void>();
      const look = () => {
        if (ended.size >= count) done.resolve();
      };
      const timer = setTimeout(() => {
        const reason = `only ${ended.size} of ${count} triggers ended; the node said:\n${log.join("\n")}`;
        done.reject(new Error(reason));
      }, PATIENCE_MS);
      listeners.add(look);
      look();
      try {
        await done.promise;
      } finally {
        clearTimeout(timer);
        listeners.delete(look);
      }
      return [...ended].slice(0, count).sort((a, b) => a - b).map((row) => journal.events.get(row));
    },
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}
