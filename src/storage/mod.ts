export { type Database, type DatabaseOptions, openDatabase, type Row, type Statement } from "./database.ts";
export { createKeyValues, type KeyValues } from "./key_values.ts";
export { type DataLock, lockDataDirectory } from "./lock.ts";
export { ServiceTable, type StoredService } from "./services.ts";
