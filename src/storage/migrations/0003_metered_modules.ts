/** What the files of the cache of metered modules must hash to; one per component, of the engine that made it last. */
export const METERED_MODULES = `
CREATE TABLE metered_modules (
  digest TEXT PRIMARY KEY,
  engine TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes  INTEGER NOT NULL
) STRICT;
`;
