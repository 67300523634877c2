export { type DataLock, lockDataDirectory } from "./data_directory.ts";
export {
  type Database,
  type DatabaseOptions,
  openDatabase,
  openDatabaseToRead,
  type Row,
  type Statement,
} from "./database.ts";
export { type KeyValueTransaction, type KeyValueWrite } from "./key_value_transaction.ts";
export { type MeteredFile, MeteredModuleTable } from "./metered_modules.ts";
export { KeyValues } from "./key_values.ts";
export { ServiceTable, type StoredService } from "./services.ts";
