-- What a price was worked out from, packed; empty: an empty PriceBasis (core/price.h).
ALTER TABLE topups ADD COLUMN price_basis TEXT NOT NULL DEFAULT '';

-- Each text once, for ever: prices refer to it.
CREATE TABLE pricing_configs (
  digest TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of the text, lower-case hex
  text TEXT NOT NULL
);

-- Which configuration came into force when; the newest one is in force.
CREATE TABLE pricing_activations (
  number INTEGER PRIMARY KEY CHECK (number >= 1),  -- without gaps
  previous INTEGER NOT NULL CHECK (previous >= 0 AND previous < number),  -- 0: none
  cause INTEGER NOT NULL CHECK (cause BETWEEN 1 AND 4),
  activated_by TEXT NOT NULL,  -- empty: the service itself
  time INTEGER NOT NULL,
  config_digest TEXT NOT NULL REFERENCES pricing_configs (digest),
  file_digest TEXT NOT NULL,
  libraries TEXT NOT NULL,
  compared_with TEXT NOT NULL
);
