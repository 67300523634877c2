/**
 * What peers signed, once verified, and when own submissions are next to be published. `waiting` is 1 as long as this
 * node has not signed the event itself.
 */
export const PEER_SIGNATURES = `
CREATE TABLE peer_signatures (
  id              INTEGER PRIMARY KEY,
  service_id      TEXT NOT NULL,
  event_id        TEXT NOT NULL,
  envelope_digest TEXT NOT NULL,
  signer          TEXT NOT NULL,
  signature       BLOB NOT NULL,
  peer            TEXT NOT NULL,
  waiting         INTEGER NOT NULL,
  received_at_ms  INTEGER NOT NULL,
  UNIQUE (service_id, event_id, envelope_digest, signer)
) STRICT;
CREATE INDEX peer_signatures_waiting ON peer_signatures (service_id, signer, id) WHERE waiting = 1;
CREATE INDEX peer_signatures_latest ON peer_signatures (service_id, id);
CREATE INDEX peer_signatures_age ON peer_signatures (received_at_ms);

-- Null: not to be published, or not any more.
ALTER TABLE submissions ADD COLUMN publish_due_at_ms INTEGER;
ALTER TABLE submissions ADD COLUMN publish_attempts INTEGER NOT NULL DEFAULT 0;
CREATE INDEX submissions_publish ON submissions (publish_due_at_ms) WHERE publish_due_at_ms IS NOT NULL;
`;
