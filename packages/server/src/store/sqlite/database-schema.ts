/** 'Gdwt': tells our files from other programs' SQLite databases. */
export const APPLICATION_ID = 0x47647774

/** Goes up with every change of the tables; a newer file than this is refused. */
export const DATABASE_VERSION = 1

export const DATABASE_FILE = 'godwit.db'
export const LOCK_FILE = 'godwit.lock'

/**
 * The inbox is appended to in the order of arrival and has no index but its rowid: an index by collector would touch a page a
 * collector in each commit, and cost more than all else together. Readers build the way to a collector's batches in memory.
 */
export const CREATE_TABLES = `
CREATE TABLE collector (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  protocol INTEGER NOT NULL,
  software TEXT NOT NULL,
  host TEXT NOT NULL,
  interval_ms INTEGER NOT NULL,
  first_seen_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE schema (
  collector INTEGER NOT NULL,
  id TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (collector, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  collector INTEGER NOT NULL,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  count INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  ticks BLOB NOT NULL
) STRICT;

CREATE TABLE have (
  id INTEGER PRIMARY KEY,
  collector INTEGER NOT NULL,
  run INTEGER NOT NULL,
  lo INTEGER NOT NULL,
  hi INTEGER NOT NULL
) STRICT;
CREATE INDEX have_by_run ON have (collector, run);

CREATE TABLE v1_sample (
  collector INTEGER NOT NULL,
  wall_ms INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (collector, wall_ms, content)
) STRICT, WITHOUT ROWID;

CREATE TABLE task (
  id INTEGER PRIMARY KEY,
  collector INTEGER NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX task_by_collector ON task (collector, state);
`
