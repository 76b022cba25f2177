-- Events, a table for each month. A session is a UUIDv7: its day, counted from
-- 1970, follows from it, and the key grows with time. The id is the event's
-- place in what is handed out; see place.go.
CREATE TABLE portico_beacon.events (
  id        bigint   NOT NULL,
  seq       bigint   NOT NULL,
  ms        bigint   NOT NULL,
  at        bigint   NOT NULL,
  received  bigint   NOT NULL,
  day       integer  NOT NULL,
  progress  integer  NOT NULL,
  kind      smallint NOT NULL,
  device    smallint NOT NULL,
  session   uuid     NOT NULL,
  automated boolean  NOT NULL,
  deal      bytea    NOT NULL,
  viewer    bytea    NOT NULL,
  target    bytea    NOT NULL,
  PRIMARY KEY (day, session, seq)
) PARTITION BY RANGE (day);
CREATE INDEX events_id ON portico_beacon.events (id);

-- What is left of events once they are old.
CREATE TABLE portico_beacon.sums (
  id        bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ms        bigint   NOT NULL,
  sessions  bigint   NOT NULL,
  day       integer  NOT NULL,
  progress  integer  NOT NULL,
  kind      smallint NOT NULL,
  automated boolean  NOT NULL,
  deal      bytea    NOT NULL,
  viewer    bytea    NOT NULL,
  target    bytea    NOT NULL,
  UNIQUE (day, deal, viewer, kind, target, automated)
);

CREATE TABLE portico_beacon.viewers (
  first    bigint  NOT NULL DEFAULT 0,
  last     bigint  NOT NULL DEFAULT 0,
  priced   uuid    NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  day      integer NOT NULL DEFAULT 0,
  events   integer NOT NULL DEFAULT 0,
  sessions integer NOT NULL DEFAULT 0,
  deal     bytea   NOT NULL,
  viewer   bytea   NOT NULL,
  PRIMARY KEY (deal, viewer)
);

-- Notices: state 0 waits, 1 was delivered, 2 was given up.
CREATE TABLE portico_beacon.outbox (
  id       bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       bigint   NOT NULL,
  due      bigint   NOT NULL,
  attempts integer  NOT NULL DEFAULT 0,
  state    smallint NOT NULL DEFAULT 0,
  key      text     NOT NULL UNIQUE,
  deal     bytea    NOT NULL,
  viewer   bytea    NOT NULL,
  about    text     NOT NULL,
  route    text     NOT NULL,
  why      text     NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON portico_beacon.outbox (state, due);

-- One row: the epoch and sweep of cursors, the day before which events became
-- sums, which server wrote last, and what is added to its transactions' numbers.
CREATE TABLE portico_beacon.state (
  one     integer PRIMARY KEY CHECK (one = 1),
  epoch   bigint  NOT NULL,
  swept   bigint  NOT NULL,
  horizon integer NOT NULL,
  base    bigint  NOT NULL,
  origin  text    NOT NULL
);
INSERT INTO portico_beacon.state VALUES (1, 0, 0, 0, 0, '');

-- What a probe writes, apart from the state so that nobody waits for it.
CREATE TABLE portico_beacon.probe (
  one    integer PRIMARY KEY CHECK (one = 1),
  probed bigint  NOT NULL
);
INSERT INTO portico_beacon.probe VALUES (1, 0);

-- How far another store was taken over; no row if none ever was.
CREATE TABLE portico_beacon.moving (
  one      integer PRIMARY KEY CHECK (one = 1),
  cursor   text    NOT NULL,
  finished boolean NOT NULL
);
