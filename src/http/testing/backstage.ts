import { createContext, type Logger } from "@/context/mod.ts";
import {
  type ChainKey,
  type ComponentDigest,
  parseChainKey,
  parseEventId,
  parseService,
  type Service,
  type ServiceDigest,
  serviceDigestOf,
  type ServiceId,
  serviceIdOf,
  WavsError,
} from "@/domain/mod.ts";
import type { NetworkPeerId, PeerNetworkStatus } from "@/p2p/types.ts";
import type { RegisteredService } from "@/services/types.ts";
import type { FeedStream, StreamInfo } from "@/triggers/types.ts";
import { MAX_RESULT_PAYLOAD_BYTES } from "../limits.ts";
import { type HttpModules, type HttpOptions, type ManualTriggerRequest, startHttp } from "../mod.ts";

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };
export const MANAGER = { evm: { chain: "evm:31337", address: "0x5fbdb2315678afecb367f032d93f642f64180aa3" } };
export const SERVICE: Service = parseService(
  JSON.stringify({ name: "demo", workflows: {}, status: "paused", manager: MANAGER }),
);
export const DIGEST = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" as ComponentDigest;
export const JSON_TYPE = { "content-type": "application/json" };

export const PEERS = {
  localPeerId: "12D3KooWA" as NetworkPeerId,
  listenAddresses: ["/ip4/127.0.0.1/tcp/9000/p2p/12D3KooWA"],
  externalAddresses: ["/ip4/203.0.113.5/tcp/9000/p2p/12D3KooWA"],
  peers: ["12D3KooWB" as NetworkPeerId],
  bannedPeers: 0,
  topics: new Map([["wavs/00/topic/v1", 1]]),
};

const EVENT_ID = parseEventId("ab".repeat(20));

/** What stands behind the API in these tests; the real parts are tested end to end elsewhere. */
export class Backstage implements HttpModules {
  readonly context = createContext({ log: SILENT, signal: new AbortController().signal });
  readonly node = { name: "wavs", version: "9.9.9" };
  readonly registered = new Map<ServiceId, RegisteredService>();
  readonly savedServices = new Map<ServiceDigest, Service>();
  readonly uploads: number[] = [];
  readonly fired: { request: ManualTriggerRequest; wait: boolean }[] = [];
  readonly services: HttpModules["services"];
  speaksToPeers = false;

  constructor() {
    const addChecked = (service: Service) => {
      const serviceId = serviceIdOf(service.manager);
      if (this.registered.has(serviceId)) {
        const message = `Service ${serviceId} already registered`;
        return Promise.reject(new WavsError("service_already_registered", { message, retryable: false }));
      }
      this.registered.set(serviceId, { serviceId, service, digest: serviceDigestOf(service), hdIndex: 1 });
      return Promise.resolve();
    };
    const evm = parseChainKey("evm:31337");
    this.services = {
      list: () => [...this.registered.values()],
      get: (serviceId) => this.registered.get(serviceId),
      add: () => addChecked(SERVICE),
      addSaved: (digest) => {
        const service = this.savedServices.get(digest);
        if (service !== undefined) return addChecked(service);
        return Promise.reject(new WavsError("service_hash_unknown", { message: "No such hash", retryable: false }));
      },
      save: (service) => {
        const digest = serviceDigestOf(service);
        this.savedServices.set(digest, service);
        return digest;
      },
      saved: (digest) => this.savedServices.get(digest),
      remove: (managers) => {
        for (const manager of managers) this.registered.delete(serviceIdOf(manager));
        return Promise.resolve();
      },
      signer: () => Promise.resolve({ hdIndex: 1, address: "0x70997970c51812dc3a010c7d01b50e0d17dc79c8" as never }),
      chains: () => [],
      chain: (key) => key === evm ? { kind: "evm" } as never : undefined,
      addChain: ({ key }) =>
        key === evm
          ? Promise.reject(new WavsError("chain_exists", { message: `Chain already exists: ${key}`, retryable: false }))
          : Promise.resolve(),
      componentDigests: () => Promise.resolve([DIGEST]),
    };
  }

  upload(bytes: Uint8Array): Promise<ComponentDigest> {
    this.uploads.push(bytes.length);
    return Promise.resolve(DIGEST);
  }

  fire(request: ManualTriggerRequest, wait: boolean): ReturnType<HttpModules["fire"]> {
    this.fired.push({ request, wait });
    const big = new Uint8Array(MAX_RESULT_PAYLOAD_BYTES);
    const responses = [new Uint8Array([1, 2]), big].map((payload) => ({
      eventId: EVENT_ID,
      response: { payload, ordering: undefined, eventIdSalt: undefined },
    }));
    return Promise.resolve(wait ? [{ state: "executed", reason: undefined, responses }] : undefined);
  }

  peers(): Promise<PeerNetworkStatus | undefined> {
    return Promise.resolve(this.speaksToPeers ? PEERS : undefined);
  }

  streams(): Promise<StreamInfo[]> {
    return Promise.resolve([{
      chain: "evm:31337" as ChainKey,
      currentEndpoint: "ws://one",
      isConnected: true,
      rpcInFlight: false,
      subscriptions: [
        { id: "0x1", kind: "newHeads" as const },
        { id: "0x2", kind: "logs" as const, addresses: [MANAGER.evm.address as never], topics: [] },
      ],
    }]);
  }

  feeds(): Promise<FeedStream[]> {
    return Promise.resolve([{ feedKey: "ab".repeat(32), state: "connecting" }]);
  }

  health(): ReturnType<HttpModules["health"]> {
    const chains = new Map([["evm:1" as ChainKey, undefined], ["evm:2" as ChainKey, "[evm:2] eth_chainId: down"]]);
    return Promise.resolve({ timestampSeconds: 1_700_000_000, chains });
  }

  metrics(): Promise<{ text: string; contentType: string }> {
    return Promise.resolve({ text: "# HELP up Whether it is up\nup 1\n", contentType: "text/plain; version=0.0.4" });
  }

  configJson(): string {
    return '{"port":8000}';
  }

  keyValue({ key }: { readonly key: string }): Uint8Array | undefined {
    return key === "a b" ? new Uint8Array([1, 2]) : undefined;
  }
}

/** An API on a free port, and what stands behind it. */
export interface Serving extends AsyncDisposable {
  readonly backstage: Backstage;
  ask(path: string, init?: RequestInit): Promise<{
    readonly status: number;
    readonly headers: Headers;
    readonly text: string;
  }>;
}

export function serve(overrides: Partial<HttpOptions> = {}): Serving {
  const backstage = new Backstage();
  const server = startHttp({
    host: "127.0.0.1",
    port: 0,
    bearerToken: undefined,
    corsAllowedOrigins: [],
    devEndpointsEnabled: true,
    maxBodySizeMb: 15,
    ...overrides,
  }, backstage);
  return {
    backstage,
    ask: async (path: string, init?: RequestInit) => {
      const response = await fetch(`${server.url}${path}`, init);
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export function post(body: BodyInit, headers: Record<string, string> = JSON_TYPE): RequestInit {
  return { method: "POST", body, headers };
}
