/**
 * In which block the transaction of an action took effect, until the block is too deep for a reorg. `due_at_ms` is set
 * once a reorg has taken the block away: from then on the action is to be brought on chain again.
 */
export const LANDINGS = `
CREATE TABLE landings (
  action_id      INTEGER PRIMARY KEY REFERENCES actions (id),
  chain          TEXT NOT NULL,
  tx_hash        TEXT NOT NULL,
  block_number   INTEGER NOT NULL,
  block_hash     TEXT NOT NULL,
  lost_since_ms  INTEGER,
  attempts       INTEGER NOT NULL DEFAULT 0,
  due_at_ms      INTEGER
) STRICT;
CREATE INDEX landings_block ON landings (chain, block_number, block_hash) WHERE due_at_ms IS NULL;
CREATE INDEX landings_due ON landings (due_at_ms) WHERE due_at_ms IS NOT NULL;
`;
