import { DEFAULT_IPFS_GATEWAY } from "@/config/mod.ts";
import { createContext } from "@/context/mod.ts";
import { createEngine, type Engine } from "@/engine/mod.ts";
import { KeyValues, lockDataDirectory, openDatabase } from "@/storage/mod.ts";
import type { ExecOptions } from "./options.ts";
import type { ExecModules } from "./types.ts";

const DEFAULT_MEMORY_MB = 128;

export interface ExecEngine extends AsyncDisposable {
  readonly engine: Engine;
}

/**
 * The engine of a node, with one worker, over a directory that goes away with it or the one `--data` names.
 *
 * @throws WavsError `data_locked` while a node uses that directory
 */
export async function openExecEngine(options: ExecOptions, modules: ExecModules): Promise<ExecEngine> {
  await using stack = new AsyncDisposableStack();
  const directory = options.data ?? await makeTemporaryDirectory(stack);
  stack.use(lockDataDirectory(directory));
  const database = stack.use(openDatabase({ path: `${directory}/wavs.sqlite`, durability: "process" }));
  const engine = stack.use(
    await createEngine({
      dataDirectory: directory,
      runtime: "direct",
      logLevel: "warn",
      componentCacheSize: 1,
      workers: 1,
      allowPrivateNetworks: options.allowPrivateNetworks,
      ipfsGateway: DEFAULT_IPFS_GATEWAY,
      durability: "process",
      ceilings: {
        maxFuel: options.fuelLimit,
        maxExecutionSeconds: options.timeLimitSeconds,
        maxMemoryMb: options.memoryLimitMb ?? DEFAULT_MEMORY_MB,
      },
    }, {
      context: createContext({ log: modules.log, signal: modules.signal }),
      keyValue: new KeyValues(database),
      readEnv: modules.readEnv,
    }),
  );
  const opened = stack.move();
  return { engine, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function makeTemporaryDirectory(stack: AsyncDisposableStack): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: "wavs-exec-" });
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  return directory;
}
