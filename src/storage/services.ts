import {
  type ChainKey,
  parseService,
  printService,
  type Service,
  type ServiceDigest,
  serviceDigestOf,
  type ServiceId,
} from "@/domain/mod.ts";
import type { Database, Row } from "./database.ts";

export interface StoredService {
  readonly serviceId: ServiceId;
  readonly service: Service;
  readonly since: { readonly chain: ChainKey; readonly blockNumber: bigint } | undefined;
}

/** Registered services, saved documents and which key belongs to whom. */
export class ServiceTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Ascending by service id. */
  list(): StoredService[] {
    return this.#database.sql("SELECT * FROM services ORDER BY service_id").all().map(readService);
  }

  /** When a service was registered first, in milliseconds since the epoch; `undefined` for one that is not. */
  registeredAtMs(serviceId: ServiceId): number | undefined {
    const row = this.#database.sql("SELECT registered_at_ms FROM services WHERE service_id = ?").get(serviceId);
    return row?.registered_at_ms as number | undefined;
  }

  put(stored: StoredService, now: number): void {
    this.#database.sql(
      `INSERT INTO services (service_id, document, since_chain, since_block, registered_at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (service_id) DO UPDATE SET document = excluded.document, since_chain = excluded.since_chain,
         since_block = excluded.since_block`,
    ).run(
      stored.serviceId,
      printService(stored.service),
      stored.since?.chain ?? null,
      stored.since === undefined ? null : String(stored.since.blockNumber),
      now,
    );
  }

  remove(serviceId: ServiceId): void {
    this.#database.sql("DELETE FROM services WHERE service_id = ?").run(serviceId);
  }

  save(service: Service): ServiceDigest {
    const digest = serviceDigestOf(service);
    this.#database.sql("INSERT INTO saved_services (digest, document) VALUES (?, ?) ON CONFLICT DO NOTHING")
      .run(digest, printService(service));
    return digest;
  }

  saved(digest: ServiceDigest): Service | undefined {
    const row = this.#database.sql("SELECT document FROM saved_services WHERE digest = ?").get(digest);
    return row === undefined ? undefined : parseService(row.document as string);
  }

  /** The service's key; the first call gives it the lowest index never used, starting at 1 (spec/wire.md 3.1.1). */
  hdIndex(serviceId: ServiceId): number {
    this.#database.sql(
      `INSERT INTO signing_keys (service_id, hd_index)
       VALUES (?, (SELECT COALESCE(MAX(hd_index), 0) + 1 FROM signing_keys)) ON CONFLICT DO NOTHING`,
    ).run(serviceId);
    const row = this.#database.sql("SELECT hd_index FROM signing_keys WHERE service_id = ?").get(serviceId);
    return row?.hd_index as number;
  }
}

function readService(row: Row): StoredService {
  return {
    serviceId: row.service_id as ServiceId,
    service: parseService(row.document as string),
    since: row.since_chain === null
      ? undefined
      : { chain: row.since_chain as ChainKey, blockNumber: BigInt(row.since_block as string) },
  };
}
