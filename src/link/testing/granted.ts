/** What a worker that a subsystem starts may do: read off a probe started with the very options of that worker. */
export async function grantedTo(start: () => Promise<{ close(): void }>): Promise<unknown> {
  return await grantedWith(await workerOptionsOf(start));
}

/** The permissions that are granted to a worker with these options. */
export async function grantedWith(options: WorkerOptions): Promise<unknown> {
  const worker = new Worker(new URL("./permission_probe.ts", import.meta.url), options);
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
  } finally {
    worker.terminate();
  }
}

async function workerOptionsOf(start: () => Promise<{ close(): void }>): Promise<WorkerOptions> {
  const RealWorker = globalThis.Worker;
  const seen: WorkerOptions[] = [];
  globalThis.Worker = class extends RealWorker {
    constructor(entry: string | URL, options?: WorkerOptions) {
      super(entry, options);
      seen.push(options ?? {});
    }
  };
  try {
    (await start()).close();
  } finally {
    globalThis.Worker = RealWorker;
  }
  const [options] = seen;
  if (options === undefined || seen.length > 1) throw new Error(`${seen.length} workers were started, not one`);
  return options;
}
