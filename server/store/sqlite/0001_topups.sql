-- Times: microseconds since 1970 (the largest integer: never; the smallest: before all time).
-- Money: centimes, unless the name says dinars (dzd). Numbers of statuses, reasons and kinds are
-- those of core/topup.h and core/plan.h. Lists are packed as in packed_text.h.

CREATE TABLE topups (
  number INTEGER PRIMARY KEY,  -- of this file only: never leaves it
  -- What never changes.
  id TEXT NOT NULL,
  ref TEXT NOT NULL,  -- empty: a menu request
  caller TEXT NOT NULL,
  purpose INTEGER NOT NULL CHECK (purpose IN (0, 1)),
  phone TEXT NOT NULL,
  operator INTEGER NOT NULL CHECK (operator BETWEEN 0 AND 4),
  plan_code TEXT NOT NULL,
  plan_kind INTEGER NOT NULL CHECK (plan_kind BETWEEN 0 AND 3),
  amount_dzd INTEGER NOT NULL CHECK (amount_dzd >= 0),
  face_value INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  price INTEGER NOT NULL,
  profit INTEGER NOT NULL,
  strategies TEXT NOT NULL,
  price_steps TEXT NOT NULL,
  labels TEXT NOT NULL,
  create_time INTEGER NOT NULL,
  send_before INTEGER NOT NULL,
  provider_ref TEXT NOT NULL,
  -- What callers see change; copied into topup_events.
  status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 9),
  advice INTEGER NOT NULL CHECK (advice BETWEEN 1 AND 4),
  review_time INTEGER,
  refund_message TEXT NOT NULL,
  suggested_offers TEXT NOT NULL,
  provider_topup_id TEXT NOT NULL,
  provider_charge INTEGER,
  provider_account TEXT NOT NULL,
  provider_environment TEXT NOT NULL,
  rejection_reason INTEGER NOT NULL CHECK (rejection_reason BETWEEN 0 AND 6),
  rejection_detail TEXT NOT NULL,
  update_time INTEGER NOT NULL,
  settle_time INTEGER,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  -- What only the send protocol knows.
  next_action INTEGER NOT NULL CHECK (next_action BETWEEN 0 AND 6),
  next_action_time INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  in_flight INTEGER NOT NULL,
  posts INTEGER NOT NULL,
  unsent INTEGER NOT NULL,
  doubtful INTEGER NOT NULL,
  duplicate_seen INTEGER NOT NULL,
  throttled INTEGER NOT NULL,
  provisional_rejection INTEGER NOT NULL CHECK (provisional_rejection BETWEEN 0 AND 6),
  last_transmission_end INTEGER,
  valid_not_founds INTEGER NOT NULL,
  first_valid_not_found INTEGER,
  last_valid_not_found INTEGER,
  accept_time INTEGER,
  last_read_start INTEGER,
  refund_seen_time INTEGER,
  missing_since INTEGER,
  unknown_since INTEGER,
  unknown_since_provider INTEGER,
  schedule_step INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  last_event INTEGER NOT NULL,  -- sequence of its newest event

  -- The promise that nothing is forgotten: what is not settled has a next step.
  CONSTRAINT open_topup_has_next_action CHECK (status >= 6 OR next_action <> 0)
);

-- A caller's name for a top-up is taken once, for ever.
CREATE UNIQUE INDEX topups_by_ref ON topups (caller, ref) WHERE ref <> '';
CREATE UNIQUE INDEX topups_by_id ON topups (id);
-- What the provider shows us by our ref.
CREATE UNIQUE INDEX topups_by_provider_ref ON topups (provider_ref);
-- Pages of a caller's top-ups, newest first.
CREATE INDEX topups_by_caller ON topups (caller, create_time, id);
-- The duplicate guard, and menu requests.
CREATE INDEX topups_by_phone ON topups (phone, create_time, id);
-- What has to be done next. The status is there to count the open ones at the start.
CREATE INDEX topups_due ON topups (next_action, next_action_time, status)
  WHERE next_action <> 0;

-- What a caller saw, one row for each revision. Rows are only ever added at the newest end and
-- removed at the oldest; a top-up's own events are a chain, newest to oldest.
CREATE TABLE topup_events (
  sequence INTEGER PRIMARY KEY,
  topup INTEGER NOT NULL REFERENCES topups (number),
  caller TEXT NOT NULL,
  previous_event INTEGER NOT NULL,  -- of the same top-up; 0: none
  status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 9),
  advice INTEGER NOT NULL CHECK (advice BETWEEN 1 AND 4),
  review_time INTEGER,
  refund_message TEXT NOT NULL,
  suggested_offers TEXT NOT NULL,
  provider_topup_id TEXT NOT NULL,
  provider_charge INTEGER,
  provider_account TEXT NOT NULL,
  provider_environment TEXT NOT NULL,
  rejection_reason INTEGER NOT NULL,
  rejection_detail TEXT NOT NULL,
  update_time INTEGER NOT NULL,
  settle_time INTEGER,
  revision INTEGER NOT NULL
);

-- A watcher's catch-up.
CREATE INDEX topup_events_by_caller ON topup_events (caller, sequence);

-- One row: up to where events have been forgotten. With the newest row it gives the next
-- sequence, so that none is ever given twice.
CREATE TABLE event_log (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  trimmed_through INTEGER NOT NULL
);
INSERT INTO event_log (one, trimmed_through) VALUES (1, 0);

CREATE TABLE attempts (
  topup INTEGER NOT NULL REFERENCES topups (number),
  fence INTEGER NOT NULL,
  start_time INTEGER NOT NULL,
  end_time INTEGER,
  evidence INTEGER NOT NULL CHECK (evidence BETWEEN 0 AND 3),
  http_status INTEGER NOT NULL,
  error_code TEXT NOT NULL,
  request_id TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (topup, fence)
) WITHOUT ROWID;

CREATE TABLE checks (
  topup INTEGER NOT NULL REFERENCES topups (number),
  position INTEGER NOT NULL,
  time INTEGER NOT NULL,
  http_status INTEGER NOT NULL,
  error_code TEXT NOT NULL,
  valid_not_found INTEGER NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (topup, position)
) WITHOUT ROWID;

CREATE TABLE incidents (
  id TEXT NOT NULL PRIMARY KEY,
  topup_id TEXT NOT NULL,  -- empty: the provider's, unknown to us
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  create_time INTEGER NOT NULL,
  close_time INTEGER,
  closed_by TEXT NOT NULL,
  close_reason TEXT NOT NULL
) WITHOUT ROWID;

-- Looking up whether one of its kind is open.
CREATE INDEX incidents_open ON incidents (topup_id, kind) WHERE close_time IS NULL;

CREATE TABLE catalogue_plans (
  code TEXT NOT NULL PRIMARY KEY,
  display_name TEXT NOT NULL,
  operator INTEGER NOT NULL CHECK (operator BETWEEN 0 AND 4),
  provider_operator TEXT NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
  min_amount_dzd INTEGER NOT NULL,
  max_amount_dzd INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  cost_ppm INTEGER
) WITHOUT ROWID;

-- One row once a catalogue was saved.
CREATE TABLE catalogue (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  read_time INTEGER NOT NULL
);

CREATE TABLE settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
