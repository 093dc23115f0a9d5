-- What a person decided, with the commit that settled the top-up. One at most for each, for ever.
CREATE TABLE resolutions (
  topup INTEGER NOT NULL PRIMARY KEY REFERENCES topups (number),
  status INTEGER NOT NULL CHECK (status BETWEEN 6 AND 8),
  decided_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  override INTEGER NOT NULL,
  time INTEGER NOT NULL
);

-- One incident of a kind for each top-up, open or closed: what a person has closed does not come
-- back with the next read.
DROP INDEX incidents_open;
CREATE INDEX incidents_by_topup ON incidents (topup_id, kind);
