import { makePowerless } from './roles.ts';

/** Of each change that was rejected there is one record. Of the key it is the hash: it may be longer than an index takes. */
export const CONFLICT_IS_ONE = '(relation, pg_catalog.hashtextextended(key, 0), loser_time, loser_node)';

/**
 * The tables of schema `windlass`. They belong to the superuser who installs; users have no rights on them. A version is a commit time
 * and the number of a node; where both are NULL it is that of the transaction that wrote the row (`xmin`), which is one of this node.
 * All of them have a replica identity: the publication has every table, and without one it forbids UPDATE and DELETE.
 */
export const TABLES = `
CREATE SCHEMA IF NOT EXISTS windlass;
REVOKE ALL ON SCHEMA windlass FROM PUBLIC;

-- Which version of this schema lies here, and a digest of the SQL that made its functions.
CREATE TABLE IF NOT EXISTS windlass.version (version int NOT NULL, digest text NOT NULL, single boolean PRIMARY KEY DEFAULT true CHECK (single));

-- All nodes of the database, this one too; numbers are never given twice. And which of them this is.
CREATE TABLE IF NOT EXISTS windlass.node (
  number int PRIMARY KEY CHECK (number > 0), name text NOT NULL UNIQUE, origin text NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS windlass.local (node int NOT NULL, single boolean PRIMARY KEY DEFAULT true CHECK (single));

-- Of a node that began as a copy: what has no origin and was committed until then is of the node it was copied from.
CREATE TABLE IF NOT EXISTS windlass.copied (until timestamptz PRIMARY KEY, node int NOT NULL);

-- What is known of each table that replicates. key: the numbers of its key columns, none without a key. full_by_us: REPLICA IDENTITY
-- FULL is ours and goes when the table gets a key.
CREATE TABLE IF NOT EXISTS windlass.watched (
  relation oid PRIMARY KEY, key smallint[] NOT NULL, full_by_us boolean NOT NULL DEFAULT false);

-- What was deleted. Only (relation, key) is indexed, and pages have room: settling changes rows in place.
CREATE TABLE IF NOT EXISTS windlass.tombstone (
  relation oid NOT NULL, key text COLLATE "C" NOT NULL, time timestamptz, node int,
  PRIMARY KEY (relation, key), CHECK ((time IS NULL) = (node IS NULL))) WITH (fillfactor = 80);
CREATE TABLE IF NOT EXISTS windlass.table_tombstone (
  relation oid PRIMARY KEY, time timestamptz, node int, CHECK ((time IS NULL) = (node IS NULL)));

-- Rows that lost a unique value. Only the applier writes here.
CREATE TABLE IF NOT EXISTS windlass.parked (
  relation oid NOT NULL, key text COLLATE "C" NOT NULL, "row" jsonb NOT NULL, time timestamptz, node int,
  PRIMARY KEY (relation, key));

-- Of tables without a key: how many equal rows there are. since: [{"time": microseconds, "node": n, "by": n}, ...], oldest first.
-- certain is NULL while nothing was deleted that was not there: then it is what the table has, less what happened since. A content is
-- too long for a unique index; whoever writes here holds SHARE ROW EXCLUSIVE on the table.
CREATE TABLE IF NOT EXISTS windlass.tally (
  relation oid NOT NULL, content text COLLATE "C" NOT NULL, "row" jsonb, certain bigint, since jsonb NOT NULL DEFAULT '[]');
CREATE INDEX IF NOT EXISTS tally_content ON windlass.tally USING hash (content);
ALTER TABLE windlass.tally REPLICA IDENTITY FULL;

-- What local transactions did to those numbers and fold() has not added yet. It is only appended to: no writer waits for another.
CREATE TABLE IF NOT EXISTS windlass.tally_entry (relation oid NOT NULL, content text COLLATE "C" NOT NULL, by bigint NOT NULL);
CREATE INDEX IF NOT EXISTS tally_entry_relation ON windlass.tally_entry (relation);
ALTER TABLE windlass.tally_entry REPLICA IDENTITY FULL;

-- Deletes that found nothing, until every transaction has ended that was running then (below that horizon).
CREATE TABLE IF NOT EXISTS windlass.late_recheck (
  relation oid NOT NULL, key text COLLATE "C" NOT NULL, time timestamptz NOT NULL, node int NOT NULL, horizon xid8 NOT NULL);
ALTER TABLE windlass.late_recheck REPLICA IDENTITY FULL;

-- That a parked row was removed for good, for as long as it takes to say so: appliers look at what is inserted here, and users cannot.
CREATE TABLE IF NOT EXISTS windlass.removal (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "schema" text NOT NULL, name text NOT NULL, key text NOT NULL);

-- Changes that were rejected, for people.
CREATE TABLE IF NOT EXISTS windlass.conflict (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, noticed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  relation text NOT NULL, key text NOT NULL, loser_time timestamptz, loser_node int, winner_time timestamptz, winner_node int,
  lost_to text NOT NULL, incoming jsonb, here jsonb);
CREATE UNIQUE INDEX IF NOT EXISTS conflict_loser ON windlass.conflict ${CONFLICT_IS_ONE};

-- Appliers look at it, too: the time of a node that has nothing else to say.
CREATE TABLE IF NOT EXISTS windlass.heartbeat (node int PRIMARY KEY, at timestamptz NOT NULL);

-- Transactions of peers that are left out, each by somebody's decision.
CREATE TABLE IF NOT EXISTS windlass.skipped (
  peer int NOT NULL, lsn pg_lsn NOT NULL, recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(), PRIMARY KEY (peer, lsn));

-- On which timeline of a peer the progress of its origin is a position; a failover of the peer begins a new one.
CREATE TABLE IF NOT EXISTS windlass.peer_timeline (peer int PRIMARY KEY, timeline int NOT NULL);
`;

/**
 * Triggers run in sessions of users, with the rights of this role: it may write what a trigger writes, owns nothing but the trigger
 * functions, and nobody logs in as it.
 */
export const WRITER = `
${makePowerless('windlass_writer')}GRANT USAGE ON SCHEMA windlass TO windlass_writer;
GRANT SELECT, INSERT, UPDATE ON windlass.tombstone, windlass.table_tombstone TO windlass_writer;
GRANT SELECT, INSERT, DELETE ON windlass.tally_entry TO windlass_writer;
GRANT SELECT, DELETE ON windlass.tally TO windlass_writer;
`;
