-- Events in the order in which they came. A session is a UUIDv7, so the key
-- grows with time, and the day, counted from 1970, follows from it.
CREATE TABLE events (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  day       INTEGER NOT NULL,
  session   BLOB    NOT NULL,
  seq       INTEGER NOT NULL,
  deal      BLOB    NOT NULL,
  viewer    BLOB    NOT NULL,
  kind      INTEGER NOT NULL,
  target    BLOB    NOT NULL,
  ms        INTEGER NOT NULL,
  progress  INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  received  INTEGER NOT NULL,
  device    INTEGER NOT NULL,
  automated INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_key ON events (session, seq);

-- What is left of events once they are old.
CREATE TABLE sums (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  day       INTEGER NOT NULL,
  deal      BLOB    NOT NULL,
  viewer    BLOB    NOT NULL,
  kind      INTEGER NOT NULL,
  target    BLOB    NOT NULL,
  ms        INTEGER NOT NULL,
  sessions  INTEGER NOT NULL,
  progress  INTEGER NOT NULL,
  automated INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sums_key ON sums (day, deal, viewer, kind, target, automated);

CREATE TABLE viewers (
  deal     BLOB    NOT NULL,
  viewer   BLOB    NOT NULL,
  first    INTEGER NOT NULL,
  last     INTEGER NOT NULL,
  priced   BLOB    NOT NULL,
  day      INTEGER NOT NULL,
  events   INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  PRIMARY KEY (deal, viewer)
) STRICT, WITHOUT ROWID;

-- Notices: state 0 waits, 1 was delivered, 2 was given up.
CREATE TABLE outbox (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  key      TEXT    NOT NULL UNIQUE,
  deal     BLOB    NOT NULL,
  viewer   BLOB    NOT NULL,
  about    TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  due      INTEGER NOT NULL,
  route    TEXT    NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  why      TEXT    NOT NULL DEFAULT '',
  state    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outbox_due ON outbox (state, due);

-- One row: the epoch and sweep of cursors, the day before which events became
-- sums, and what a probe writes.
CREATE TABLE state (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  epoch   INTEGER NOT NULL,
  swept   INTEGER NOT NULL,
  horizon INTEGER NOT NULL,
  probed  INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, abs(random() % 9007199254740991) + 1, 0, 0, 0);
