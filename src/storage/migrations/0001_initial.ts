/**
 * Times are milliseconds since the Unix epoch. `due_at_ms` is when an item may next be worked on; `attempts` counts
 * failures in its current state. JSON columns hold the documents of spec/wire.md section 2.
 */
export const INITIAL = `
CREATE TABLE services (
  service_id       TEXT PRIMARY KEY,
  document         TEXT NOT NULL,
  since_chain      TEXT,
  since_block      TEXT,
  registered_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE saved_services (
  digest   TEXT PRIMARY KEY,
  document TEXT NOT NULL
) STRICT;

-- Outlives the registration, so that a service registered again signs with the key its contract knows.
CREATE TABLE signing_keys (
  service_id TEXT PRIMARY KEY,
  hd_index   INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE cursors (
  source        TEXT PRIMARY KEY,
  cursor        TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE uri_changes (
  id           INTEGER PRIMARY KEY,
  service_id   TEXT NOT NULL,
  chain        TEXT NOT NULL,
  uri          TEXT NOT NULL,
  block_number TEXT NOT NULL,
  identity     TEXT NOT NULL UNIQUE,
  state        TEXT NOT NULL,
  reason       TEXT,
  attempts     INTEGER NOT NULL DEFAULT 0,
  due_at_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX uri_changes_due ON uri_changes (state, due_at_ms);

CREATE TABLE events (
  id             INTEGER PRIMARY KEY,
  service_id     TEXT NOT NULL,
  workflow_id    TEXT NOT NULL,
  identity       TEXT NOT NULL,
  trigger        TEXT NOT NULL,
  data           TEXT NOT NULL,
  chain          TEXT,
  block_number   TEXT,
  block_hash     TEXT,
  state          TEXT NOT NULL,
  reason         TEXT,
  attempts       INTEGER NOT NULL DEFAULT 0,
  due_at_ms      INTEGER NOT NULL,
  detected_at_ms INTEGER NOT NULL,
  updated_at_ms  INTEGER NOT NULL,
  UNIQUE (service_id, workflow_id, identity)
) STRICT;
CREATE INDEX events_due ON events (state, service_id, due_at_ms);
CREATE INDEX events_block ON events (chain, block_hash) WHERE block_hash IS NOT NULL;

-- What each execution of an event cost and said, the failed ones too.
CREATE TABLE executions (
  id         INTEGER PRIMARY KEY,
  event_row  INTEGER NOT NULL REFERENCES events (id),
  invocation TEXT NOT NULL,
  error      TEXT,
  fuel_used  TEXT NOT NULL,
  elapsed_ms REAL NOT NULL,
  logs       TEXT NOT NULL,
  at_ms      INTEGER NOT NULL
) STRICT;
CREATE INDEX executions_event ON executions (event_row);

-- One row per response of the operator component.
CREATE TABLE submissions (
  id            INTEGER PRIMARY KEY,
  event_row     INTEGER NOT NULL REFERENCES events (id),
  position      INTEGER NOT NULL,
  event_id      TEXT NOT NULL,
  payload       BLOB NOT NULL,
  ordering      TEXT,
  salt          BLOB,
  signer        TEXT,
  signature     BLOB,
  state         TEXT NOT NULL,
  reason        TEXT,
  attempts      INTEGER NOT NULL DEFAULT 0,
  due_at_ms     INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  UNIQUE (event_row, position)
) STRICT;
CREATE INDEX submissions_due ON submissions (state, due_at_ms);
CREATE INDEX submissions_event ON submissions (event_id);

-- Signing is at most once: the digest stands here before the signer is asked.
CREATE TABLE sign_guard (
  service_id      TEXT NOT NULL,
  event_id        TEXT NOT NULL,
  envelope_digest TEXT NOT NULL,
  PRIMARY KEY (service_id, event_id)
) STRICT;

-- What the aggregator component decided: transactions to send and timers to wait for.
CREATE TABLE actions (
  id            INTEGER PRIMARY KEY,
  submission_id INTEGER NOT NULL REFERENCES submissions (id),
  action        TEXT NOT NULL,
  outcome       TEXT,
  state         TEXT NOT NULL,
  reason        TEXT,
  attempts      INTEGER NOT NULL DEFAULT 0,
  due_at_ms     INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX actions_due ON actions (state, due_at_ms);
CREATE INDEX actions_submission ON actions (submission_id);

-- Written before broadcast.
CREATE TABLE transactions (
  hash          TEXT PRIMARY KEY,
  action_id     INTEGER NOT NULL REFERENCES actions (id),
  chain         TEXT NOT NULL,
  sender        TEXT NOT NULL,
  nonce         INTEGER NOT NULL,
  raw           TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX transactions_action ON transactions (action_id);
CREATE INDEX transactions_nonce ON transactions (chain, sender, nonce);

CREATE TABLE key_values (
  service_id TEXT NOT NULL,
  bucket     TEXT NOT NULL,
  key        BLOB NOT NULL,
  value      BLOB NOT NULL,
  PRIMARY KEY (service_id, bucket, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
  service_id TEXT NOT NULL,
  bucket     TEXT NOT NULL,
  key        BLOB NOT NULL,
  value      TEXT NOT NULL,
  PRIMARY KEY (service_id, bucket, key)
) STRICT, WITHOUT ROWID;
`;
