export { type Database, type DatabaseOptions, openDatabase, type Row, type Statement } from "./database.ts";
export { type KeyValueTransaction, type KeyValueWrite } from "./key_value_transaction.ts";
export { KeyValues } from "./key_values.ts";
export { type DataLock, lockDataDirectory } from "./lock.ts";
export { ServiceTable, type StoredService } from "./services.ts";
