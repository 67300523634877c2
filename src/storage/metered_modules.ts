import type { ComponentDigest } from "@/domain/mod.ts";
import type { Database } from "./database.ts";

/** What a file of the cache of metered modules was when it was written. */
export interface MeteredFile {
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Remembers the files of the cache of metered modules apart from where they lie. */
export class MeteredModuleTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @param engine names the code that metered; what another one made is unknown */
  get(digest: ComponentDigest, engine: string): MeteredFile | undefined {
    const row = this.#database.sql("SELECT sha256, bytes FROM metered_modules WHERE digest = ? AND engine = ?")
      .get(digest, engine);
    return row === undefined ? undefined : { sha256: row.sha256 as string, bytes: Number(row.bytes) };
  }

  put(digest: ComponentDigest, engine: string, { sha256, bytes }: MeteredFile): void {
    this.#database.sql(
      `INSERT INTO metered_modules (digest, engine, sha256, bytes) VALUES (?, ?, ?, ?)
       ON CONFLICT (digest) DO UPDATE SET engine = excluded.engine, sha256 = excluded.sha256, bytes = excluded.bytes`,
    ).run(digest, engine, sha256, bytes);
  }

  /** Forgets what other engines made. */
  keepOnly(engine: string): void {
    this.#database.sql("DELETE FROM metered_modules WHERE engine <> ?").run(engine);
  }
}
