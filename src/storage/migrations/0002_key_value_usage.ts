/**
 * What each service keeps, counted as it is written so that a quota costs one row to check; and a version per value,
 * new at every write, which compare-and-swap compares. Bytes are those of bucket, key and value; a counter's value has 8.
 */
export const KEY_VALUE_USAGE = `
ALTER TABLE key_values ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

CREATE TABLE key_value_usage (
  service_id TEXT PRIMARY KEY,
  keys       INTEGER NOT NULL,
  bytes      INTEGER NOT NULL,
  version    INTEGER NOT NULL
) STRICT;

INSERT INTO key_value_usage (service_id, keys, bytes, version)
SELECT service_id, COUNT(*), SUM(bytes), 0 FROM (
  SELECT service_id, length(CAST(bucket AS BLOB)) + length(key) + length(value) AS bytes FROM key_values
  UNION ALL
  SELECT service_id, length(CAST(bucket AS BLOB)) + length(key) + 8 AS bytes FROM counters
) GROUP BY service_id;
`;
