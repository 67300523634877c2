import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { describeError, WavsError } from "@/domain/errors.ts";
import { MIGRATIONS } from "./migrations/mod.ts";

export interface DatabaseOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  /** `process` survives any crash of the node, `power` also one of the machine (an fsync per commit). */
  readonly durability: "process" | "power";
}

export type Row = Readonly<Record<string, SQLInputValue>>;

/** A prepared statement; integers come back as bigint when the column asks for it through {@link bigintOf}. */
export interface Statement {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  run(...values: SQLInputValue[]): { readonly changes: number; readonly lastId: number };
}

/** The node's one database: one writer, this process. Every statement is synchronous and takes microseconds. */
export interface Database extends Disposable {
  /** Prepares a statement, once per text. */
  sql(text: string): Statement;
  /** Runs `work` in one transaction; nested calls join the outer one. */
  transaction<Result>(work: () => Result): Result;
}

/**
 * Opens the database and brings its schema up to date.
 *
 * @throws WavsError `database_unusable` when the file cannot be opened, is damaged, or is of a newer version;
 * `storage_full`
 */
export function openDatabase(options: DatabaseOptions): Database {
  try {
    const raw = new DatabaseSync(options.path);
    raw.exec("PRAGMA journal_mode = WAL");
    raw.exec(`PRAGMA synchronous = ${options.durability === "power" ? "FULL" : "NORMAL"}`);
    raw.exec("PRAGMA foreign_keys = ON");
    const database = new SqliteDatabase(raw);
    migrate(raw, database, options.path);
    return database;
  } catch (cause) {
    const error = asStorageError(cause);
    if (error instanceof WavsError) throw error;
    throw new WavsError("database_unusable", {
      message:
        `Cannot open the database "${options.path}" because ${describeError(cause)}; put a backup in its place, ` +
        "or start with another data directory",
      retryable: false,
      cause,
    });
  }
}

/**
 * Opens the database of a node that may be running, to look at it.
 *
 * @throws WavsError `database_unusable` when it is not there, damaged, or of another version
 */
export function openDatabaseToRead(path: string): Database {
  const unusable = (reason: string, cause?: unknown) =>
    new WavsError("database_unusable", {
      message: `Cannot read the database "${path}" because ${reason}`,
      retryable: false,
      cause,
    });
  let raw: DatabaseSync;
  let version: number;
  try {
    raw = new DatabaseSync(path, { readOnly: true });
    version = versionOf(raw);
  } catch (cause) {
    throw unusable(`${describeError(cause)}; is it the data directory of a node?`, cause);
  }
  if (version === MIGRATIONS.length) return new SqliteDatabase(raw);
  raw.close();
  throw unusable(`its version is ${version}, not ${MIGRATIONS.length}; use the version of wavs that runs the node`);
}

class SqliteDatabase implements Database {
  readonly #raw: DatabaseSync;
  readonly #statements = new Map<string, Statement>();
  #depth = 0;

  constructor(raw: DatabaseSync) {
    this.#raw = raw;
  }

  sql(text: string): Statement {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = wrap(this.#raw.prepare(text));
      this.#statements.set(text, statement);
    }
    return statement;
  }

  transaction<Result>(work: () => Result): Result {
    if (this.#depth > 0) return work();
    this.#begin();
    this.#depth++;
    try {
      const result = work();
      this.#raw.exec("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw asStorageError(error);
    } finally {
      this.#depth--;
    }
  }

  #begin(): void {
    try {
      this.#raw.exec("BEGIN IMMEDIATE");
    } catch (error) {
      throw asStorageError(error);
    }
  }

  /** SQLite has already rolled back by itself after some failures (a full disk, for one); that is no second error. */
  #rollBack(): void {
    try {
      this.#raw.exec("ROLLBACK");
    } catch (error) {
      if (!/no transaction is active/.test(describeError(error))) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#raw.close();
  }
}

function wrap(statement: StatementSync): Statement {
  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw asStorageError(error);
    }
  };
  return {
    get: (...values) => guarded(() => statement.get(...values) as Row | undefined),
    all: (...values) => guarded(() => statement.all(...values) as Row[]),
    run: (...values) =>
      guarded(() => {
        const { changes, lastInsertRowid } = statement.run(...values);
        return { changes: Number(changes), lastId: Number(lastInsertRowid) };
      }),
  };
}

/** A full disk is the one failure an operator can mend while the node waits. */
function asStorageError(error: unknown): unknown {
  if (error instanceof WavsError) return error;
  const text = describeError(error);
  if (!/full|disk I\/O/i.test(text)) return error;
  return new WavsError("storage_full", {
    message: `Cannot write to the database because ${text}; free some space on the volume of the data directory`,
    retryable: true,
    cause: error,
  });
}

function versionOf(raw: DatabaseSync): number {
  return Number((raw.prepare("PRAGMA user_version").get() as Row).user_version);
}

function migrate(raw: DatabaseSync, database: Database, path: string): void {
  const current = versionOf(raw);
  if (current > MIGRATIONS.length) {
    throw new WavsError("database_unusable", {
      message: `Cannot open the database "${path}" because its version ${current} is newer than this node's ` +
        `${MIGRATIONS.length}; use the newer node`,
      retryable: false,
    });
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < current) continue;
    database.transaction(() => {
      raw.exec(migration);
      raw.exec(`PRAGMA user_version = ${index + 1}`);
    });
  }
}
