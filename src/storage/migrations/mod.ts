import { INITIAL } from "./0001_initial.ts";
import { KEY_VALUE_USAGE } from "./0002_key_value_usage.ts";
import { METERED_MODULES } from "./0003_metered_modules.ts";
import { LANDINGS } from "./0004_landings.ts";
import { PEER_SIGNATURES } from "./0005_peer_signatures.ts";
import { SUBMIT_QUEUES } from "./0006_submit_queues.ts";

/** In order; append only, never edit one that was released. The database's `user_version` is how many have run. */
export const MIGRATIONS: readonly string[] = [
  INITIAL,
  KEY_VALUE_USAGE,
  METERED_MODULES,
  LANDINGS,
  PEER_SIGNATURES,
  SUBMIT_QUEUES,
];
