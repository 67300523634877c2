import { BalanceWatch } from "@/balance_watch.ts";
import { startAggregator } from "@/aggregator/mod.ts";
import type { AggregatorMain } from "@/aggregator/types.ts";
import { type Config, redactedConfig } from "@/config/mod.ts";
import { childContext, type Context, createContext, type Logger, type LogLevel } from "@/context/mod.ts";
import { DEFAULT_SUBMISSION_TTL_MS, startDispatcher } from "@/dispatcher/mod.ts";
import { type EvmAddress, type TransactionRow, WavsError } from "@/domain/mod.ts";
import { createEngine, SPARE_WORKERS } from "@/engine/mod.ts";
import { HealthCheck } from "@/health.ts";
import { type HttpServer, startHttp } from "@/http/mod.ts";
import { Journal, type JournalChange } from "@/journal/mod.ts";
import { type Handlers, Roster } from "@/link/mod.ts";
import { createManualTriggers } from "@/manual_triggers.ts";
import { type Operators, startOperators } from "@/operators.ts";
import { Quorum, SignerWeights } from "@/quorum/mod.ts";
import { type ReloadOutcome, RunningConfig } from "@/running_config.ts";
import { Services, SnapshotPublisher, UriFollower } from "@/services/mod.ts";
import { type Signer, startSigner } from "@/signer/mod.ts";
import { KeyValues, lockDataDirectory, MeteredModuleTable, openDatabase, ServiceTable } from "@/storage/mod.ts";
import { Metrics } from "@/telemetry/mod.ts";
import { measureEngine } from "@/engine_metrics.ts";
import { measureSubmissions } from "@/submission_metrics.ts";
import { measureTriggers, type TriggerCounts } from "@/trigger_metrics.ts";
import { type Cursor, startTriggers, type Triggers, type TriggersMain, unsupportedTrigger } from "@/triggers/mod.ts";
import { VERSION } from "@/version.ts";

export interface NodeModules {
  readonly log: Logger;
  /** The most a worker is to say; main filters again per module. */
  readonly workerLogLevel: LogLevel;
  /** Logs as another configuration asks for; returns the most a worker is to say from then on. */
  readonly reconfigure: (config: Config) => LogLevel;
  /** Reads a variable of the environment for components that were granted it. */
  readonly readEnv: (name: string) => string | undefined;
  /** Told of every step of every trigger after it was committed. */
  readonly observe?: (change: JournalChange, journal: Journal) => void;
}

/** A running operator node. Disposing it drains, then stops everything in reverse order. */
export interface Node extends AsyncDisposable {
  readonly url: string;
  readonly journal: Journal;
  /** Takes over what a node that runs can of another configuration. @throws WavsError; nothing is changed then */
  reload(next: Config): Promise<ReloadOutcome>;
  /** The workers that it cannot do without and that do not answer before `signal` aborts, by name. */
  silentWorkers(signal: AbortSignal): Promise<readonly string[]>;
}

/**
 * The composition root: starts every part in the order in which they need each other.
 *
 * @throws WavsError what is wrong with configuration, data directory, key or port; nothing is left running then
 */
export async function startNode(config: Config, modules: NodeModules): Promise<Node> {
  await using stack = new AsyncDisposableStack();
  const shutdown = new AbortController();
  const workers = new Roster();
  const context = createContext({ log: modules.log, signal: shutdown.signal, workers });

  stack.use(lockDataDirectory(config.data));
  const database = stack.use(openDatabase({ path: `${config.data}/wavs.sqlite`, durability: config.durability }));
  const keyValues = new KeyValues(database);
  const journal = new Journal({ database, clock: context.clock });
  if (modules.observe !== undefined) stack.defer(journal.observe((change) => modules.observe?.(change, journal)));

  const signer = await startSigner({
    signingMnemonic: requireMnemonic(config.signingMnemonic),
    aggregatorEvmCredential: config.aggregatorEvmCredential,
  }, { context });
  stack.defer(() => signer.close());

  const engine = stack.use(
    await createEngine({
      dataDirectory: config.data,
      runtime: config.engineRuntime,
      logLevel: modules.workerLogLevel,
      allowPrivateNetworks: config.allowPrivateNetworks,
      ipfsGateway: config.ipfsGateway,
      durability: config.durability,
      workers: navigator.hardwareConcurrency + SPARE_WORKERS,
      componentCacheSize: config.wasmLruSize,
      ceilings: {
        maxFuel: config.maxWasmFuel,
        maxExecutionSeconds: config.maxExecutionSeconds,
        maxMemoryMb: config.maxComponentMemoryMb,
        maxGuestMemoryMb: config.maxGuestMemoryMb,
      },
    }, {
      context: childContext(context, "engine"),
      keyValue: keyValues,
      meteredFiles: new MeteredModuleTable(database),
      readEnv: modules.readEnv,
    }),
  );

  const publisher = stack.use(new SnapshotPublisher());
  publisher.publish([], config.chains);
  const workerOptions = {
    logLevel: modules.workerLogLevel,
    registryChannel: publisher.channelName,
    chains: () => publisher.current.chains,
  };
  let operators: Operators | undefined;
  const aggregator = await startAggregator(workerOptions, {
    context,
    handlers: aggregatorHandlers(journal, signer, publisher, (row) => operators?.announce(row)),
  });
  stack.defer(() => aggregator.close());
  const metrics = new Metrics();
  const balances = stack.use(
    new BalanceWatch({
      context: childContext(context, "submission"),
      accounts: () => aggregator.api.accounts(undefined),
    }),
  );
  const submitted = measureSubmissions(metrics, () => balances.latest());
  measureEngine(metrics, engine);
  const services = new Services({ chains: config.chains }, {
    context: childContext(context, "services"),
    table: new ServiceTable(database),
    publisher,
    engine,
    fetchBytes: (request) => engine.fetchBytes(request),
    serviceUri: (manager) => aggregator.api.serviceUri(manager),
    operatorAddress: (hdIndex) => signer.api.operatorAddress(hdIndex),
    unsupportedTrigger,
    settled: async (revision) => {
      await Promise.all([
        triggers.api.settled(revision),
        aggregator.api.settled(revision),
        operators?.settled(revision),
      ]);
    },
    chainsChanged: async () => {
      await Promise.all([triggers.restart(), aggregator.restart()]);
    },
  });

  // Only now: the first registry that triggers see is the one they go on with from their cursors, and what comes later
  // begins at the head of its chain. Seen before the services are there, it would skip what happened while the node was
  // down.
  const counts = measureTriggers(metrics, { journal, health: () => triggers.api.health(undefined) });
  const triggers: Triggers = await startTriggers({
    ...workerOptions,
    missed: config.missedTriggers,
    jetstream: { endpoints: config.jetstreamEndpoints, maxMessageBytes: config.jetstreamMaxMessageBytes },
    registry: () => publisher.current,
    feeds: {
      directory: `${config.data}/hypercore`,
      bootstrap: config.hyperswarmBootstrap,
      allowPrivateNetworks: config.allowPrivateNetworks,
    },
  }, {
    context,
    handlers: triggersHandlers(journal, publisher, { context, counts }),
  });
  stack.defer(() => triggers.close());
  await engine.sweep(new Set(services.list().map(({ serviceId }) => serviceId)));
  const follower = stack.use(
    new UriFollower({
      context: childContext(context, "services"),
      journal,
      services,
      serviceUri: (manager) => aggregator.api.serviceUri(manager),
    }),
  );

  const weights = new SignerWeights({
    clock: context.clock,
    ask: (request) => aggregator.api.signerWeight(request),
  });
  if (config.p2p !== undefined) {
    operators = stack.use(
      await startOperators({
        config: config.p2p,
        dataDirectory: config.data,
        logLevel: modules.workerLogLevel,
        registryChannel: publisher.channelName,
      }, {
        context: childContext(context, "p2p"),
        journal,
        registry: () => publisher.current,
        services,
        weights,
        metrics,
        landed: (announcement) => aggregator.api.announced(announcement),
      }),
    );
  }
  const quorum = new Quorum({
    context: childContext(context, "quorum"),
    journal,
    weights,
    validate: (request) => aggregator.api.validate(request, { signal: context.signal }),
  });
  stack.use(
    startDispatcher({
      submissionTtlMs: submissionTtlMs(config),
      rankDelayMs: config.submitOrder === "ranked" ? config.submitDelayMs : 0,
    }, {
      context: childContext(context, "dispatcher"),
      journal,
      engine,
      signer: signer.api,
      aggregator: aggregator.api,
      submitted,
      quorum,
      ...(operators === undefined ? {} : { publish: operators.publish }),
      services,
    }),
  );

  const health = stack.use(
    new HealthCheck({ mode: config.healthCheckMode }, {
      context: childContext(context, "health"),
      check: () => aggregator.api.chainHealth(undefined),
    }),
  );
  await health.atStart();

  const running = new RunningConfig(config, {
    log: context.log,
    workers,
    services,
    reconfigureLog: modules.reconfigure,
  });
  const http: HttpServer = stack.use(
    startHttp({
      host: config.host,
      port: config.port,
      bearerToken: config.bearerToken,
      corsAllowedOrigins: config.corsAllowedOrigins,
      devEndpointsEnabled: config.devEndpointsEnabled,
      maxBodySizeMb: config.maxBodySizeMb,
    }, {
      context: childContext(context, "http"),
      services,
      upload: (bytes) => engine.upload(bytes),
      fire: createManualTriggers({ journal, services, context }),
      streams: () => triggers.api.streams(undefined),
      peers: async () => await operators?.status(),
      feeds: () => triggers.api.feeds(undefined),
      health: () => health.latest(),
      metrics: async () => ({ text: await metrics.text(), contentType: metrics.contentType }),
      configJson: () => redactedConfig(running.current, services.chains()),
      keyValue: (entry) => keyValues.get(entry),
      node: { name: "wavs", version: VERSION },
    }),
  );

  void follower.checkAll();
  void engine.warmUp(services.list().map(({ service }) => service));
  stack.defer(() => shutdown.abort());
  context.log.info("Ready", { url: http.url, services: services.list().length, version: VERSION });
  const parts = stack.move();
  return {
    url: http.url,
    journal,
    reload: (next) => running.reload(next),
    silentWorkers: (signal) => workers.silent(signal),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function triggersHandlers(
  journal: Journal,
  publisher: SnapshotPublisher,
  { context, counts }: { readonly context: Context; readonly counts: TriggerCounts },
): Handlers<TriggersMain> {
  return {
    deliver: (batch) => {
      const result = journal.recordBatch(batch);
      const { source } = batch;
      counts.detected({ source }, result.inserted);
      counts.duplicate({ source }, result.duplicates);
      counts.orphaned({ source }, result.orphaned);
      if (result.inserted > 0) context.log.debug("Triggers detected", { source: batch.source, count: result.inserted });
      if (result.orphaned > 0) {
        context.log.warn("A reorg withdrew triggers", { source: batch.source, count: result.orphaned });
      }
      if (result.orphanedTooLate > 0) {
        context.log.error("A reorg took away triggers that are signed already", {
          source: batch.source,
          count: result.orphanedTooLate,
        });
      }
    },
    cursor: (source) => journal.cursor(source) as Cursor | undefined,
    recordedBlocks: (range) => journal.events.blocksAbove(range),
    registry: () => publisher.current,
  };
}

function aggregatorHandlers(
  journal: Journal,
  signer: Signer,
  publisher: SnapshotPublisher,
  announce: (row: TransactionRow) => void,
): Handlers<AggregatorMain> {
  return {
    registry: () => publisher.current,
    transactionAddress: () => signer.api.transactionAddress(undefined),
    signTransaction: (transaction) => signer.api.signTransaction(transaction),
    recordTransaction: (row) => {
      journal.recordTransaction(row);
      announce(row);
    },
    lastNonce: ({ chain, from }: { chain: Parameters<Journal["actions"]["lastNonce"]>[0]; from: EvmAddress }) =>
      journal.actions.lastNonce(chain, from),
  };
}

function requireMnemonic(mnemonic: string | undefined): string {
  if (mnemonic !== undefined) return mnemonic;
  throw new WavsError("no_mnemonic", {
    message: "Cannot start without a signing mnemonic; set WAVS_SIGNING_MNEMONIC, or signing_mnemonic in wavs.toml",
    retryable: false,
  });
}

function submissionTtlMs(config: Config): number {
  const seconds = config.burnedQueueTtlSecs;
  return seconds === undefined ? DEFAULT_SUBMISSION_TTL_MS : Number(seconds) * 1000;
}
