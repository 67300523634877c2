import { INITIAL } from "./0001_initial.ts";

/** In order; append only, never edit one that was released. The database's `user_version` is how many have run. */
export const MIGRATIONS: readonly string[] = [INITIAL];
