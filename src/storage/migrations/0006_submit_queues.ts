/**
 * Which action brings an event to a handler: one at a time. `burned_at_ms` is set once the event is there; from then on
 * no other does.
 */
export const SUBMIT_QUEUES = `
CREATE TABLE submit_queues (
  event_id     TEXT NOT NULL,
  chain        TEXT NOT NULL,
  handler      TEXT NOT NULL,
  action_id    INTEGER NOT NULL REFERENCES actions (id),
  burned_at_ms INTEGER,
  PRIMARY KEY (event_id, chain, handler)
) STRICT, WITHOUT ROWID;
CREATE INDEX submit_queues_action ON submit_queues (action_id);
CREATE INDEX submit_queues_burned ON submit_queues (burned_at_ms) WHERE burned_at_ms IS NOT NULL;
`;
