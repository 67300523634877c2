import type { NodeAnswers } from "./ask.ts";

/** How a node is, for people and programs. */
export interface Status {
  readonly url: string;
  /** Its name and version. */
  readonly node: string;
  readonly services: number;
  /** Events in the journal by state. */
  readonly events: Readonly<Record<string, number>>;
  /** Connected operators; `undefined` when it speaks to none. */
  readonly peers: number | undefined;
  readonly chains: readonly ChainStatus[];
}

export interface ChainStatus {
  readonly chain: string;
  /** `undefined` while it is healthy. */
  readonly problem: string | undefined;
  /** `undefined` while nothing is watched on it. */
  readonly lagBlocks: number | undefined;
}

/** Puts together what a node answers with. */
export function readStatus({ url, info, health, services, p2p, metrics }: NodeAnswers): Status {
  const { message } = JSON.parse(info) as { readonly message: string };
  const { chains } = JSON.parse(health) as { readonly chains: Readonly<Record<string, ChainHealthJson>> };
  const listed = JSON.parse(services) as { readonly services: readonly unknown[] };
  const { enabled, connected_peers } = JSON.parse(p2p) as { enabled: boolean; connected_peers: number };
  const lags = gauge(metrics, "wavs_trigger_lag_blocks", "source");
  return {
    url,
    node: message,
    services: listed.services.length,
    events: Object.fromEntries(gauge(metrics, "wavs_events", "state")),
    peers: enabled ? connected_peers : undefined,
    chains: Object.entries(chains).map(([chain, found]) => ({
      chain,
      problem: found === "healthy" ? undefined : found.unhealthy.error,
      lagBlocks: lags.get(chain),
    })),
  };
}

type ChainHealthJson = "healthy" | { readonly unhealthy: { readonly error: string } };

/** The values of one metric by one of its labels, from Prometheus' text format. */
function gauge(metrics: string, name: string, label: string): ReadonlyMap<string, number> {
  const line = new RegExp(`^${name}\\{[^}]*\\b${label}="([^"]*)"[^}]*\\} (\\S+)$`, "gm");
  return new Map([...metrics.matchAll(line)].map(([, key = "", value]) => [key, Number(value)]));
}
