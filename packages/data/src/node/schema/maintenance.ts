import { FIXED } from './shape.ts';

/** What is done from time to time: by the replicator, in small transactions, and never waiting for a user or making one wait. */
export const MAINTENANCE = `
-- Writes into tombstones in these pages which version they have, before Postgres forgets it. Users' locks are passed over.
CREATE OR REPLACE FUNCTION windlass.settle(first bigint, pages int, OUT settled bigint, OUT lost bigint) LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  me CONSTANT int := (SELECT l.node FROM windlass.local l);
BEGIN
  WITH due AS (
    SELECT t.ctid AS place FROM windlass.tombstone t
    WHERE t.time IS NULL AND t.ctid >= format('(%s,0)', first)::tid AND t.ctid < format('(%s,0)', first + pages)::tid
    FOR UPDATE SKIP LOCKED)
  UPDATE windlass.tombstone t SET time = pg_xact_commit_timestamp(t.xmin), node = me
  FROM due WHERE t.ctid = due.place AND t.time IS NULL AND pg_xact_commit_timestamp(t.xmin) IS NOT NULL;
  GET DIAGNOSTICS settled = ROW_COUNT;
  -- What has no version any more decides nothing: it would be older than everything.
  WITH due AS (
    SELECT t.ctid AS place FROM windlass.tombstone t
    WHERE t.time IS NULL AND t.ctid >= format('(%s,0)', first)::tid AND t.ctid < format('(%s,0)', first + pages)::tid
      AND pg_xact_commit_timestamp(t.xmin) IS NULL
    FOR UPDATE SKIP LOCKED)
  DELETE FROM windlass.tombstone t USING due WHERE t.ctid = due.place AND t.time IS NULL;
  GET DIAGNOSTICS lost = ROW_COUNT;
END $$;

CREATE OR REPLACE FUNCTION windlass.settle_tables(OUT settled bigint, OUT lost bigint) LANGUAGE plpgsql ${FIXED} AS $$
BEGIN
  UPDATE windlass.table_tombstone t SET time = pg_xact_commit_timestamp(t.xmin), node = l.node FROM windlass.local l
  WHERE t.relation IN (SELECT d.relation FROM windlass.table_tombstone d WHERE d.time IS NULL FOR UPDATE SKIP LOCKED)
    AND t.time IS NULL AND pg_xact_commit_timestamp(t.xmin) IS NOT NULL;
  GET DIAGNOSTICS settled = ROW_COUNT;
  DELETE FROM windlass.table_tombstone t
  WHERE t.relation IN (SELECT d.relation FROM windlass.table_tombstone d WHERE d.time IS NULL FOR UPDATE SKIP LOCKED)
    AND t.time IS NULL AND pg_xact_commit_timestamp(t.xmin) IS NULL;
  GET DIAGNOSTICS lost = ROW_COUNT;
END $$;

-- One list of what happened, oldest first; what one transaction did is one entry.
CREATE OR REPLACE FUNCTION windlass.counted(since jsonb, more jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE ${FIXED} AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('time', x.time, 'node', x.node, 'by', x.by) ORDER BY x.time, x.node), '[]')
  FROM (SELECT e.time, e.node, sum(e.by)::bigint AS by FROM jsonb_to_recordset(since || more) e (time bigint, node int, by bigint)
    GROUP BY e.time, e.node) x $$;

-- The row that has this content. Valid while the table has the columns it had when the content was made.
CREATE OR REPLACE FUNCTION windlass.row_of(which oid, content text) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(jsonb_object_agg(a.attname, v.value), '{}')
  FROM unnest(windlass.content_columns(which)) WITH ORDINALITY c (number, place)
  JOIN pg_attribute a ON a.attrelid = which AND a.attnum = c.number
  JOIN jsonb_array_elements(content::jsonb) WITH ORDINALITY v (value, place) USING (place) $$;

-- Adds what local transactions did to the tallies, at most so many entries of one table (of all: NULL); says how many. Who holds a lock
-- against writers of the table then has its numbers complete.
CREATE OR REPLACE FUNCTION windlass.fold(which oid, most int) RETURNS bigint LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  me CONSTANT int := (SELECT l.node FROM windlass.local l);
  taken bigint;
BEGIN
  LOCK TABLE windlass.tally IN SHARE ROW EXCLUSIVE MODE;
  WITH entry AS (
    DELETE FROM windlass.tally_entry e WHERE e.ctid = ANY (ARRAY(
      SELECT d.ctid FROM windlass.tally_entry d WHERE d.relation = which OR which IS NULL LIMIT most))
    RETURNING e.relation, e.content, e.by, e.xmin AS writer),
  change AS (
    SELECT x.relation, x.content, windlass.counted('[]', jsonb_agg(jsonb_build_object('time', x.time, 'node', me, 'by', x.by))) AS more
    FROM (SELECT e.relation, e.content, e.by,
      coalesce((extract(epoch FROM pg_xact_commit_timestamp(e.writer)) * 1000000)::bigint, 0) AS time FROM entry e) x
    GROUP BY x.relation, x.content),
  known AS (
    UPDATE windlass.tally t SET since = windlass.counted(t.since, c.more) FROM change c
    WHERE t.content = c.content AND t.relation = c.relation),
  fresh AS (
    INSERT INTO windlass.tally (relation, content, "row", since)
    SELECT c.relation, c.content, windlass.row_of(c.relation, c.content), c.more FROM change c
    WHERE NOT EXISTS (SELECT FROM windlass.tally t WHERE t.content = c.content AND t.relation = c.relation))
  SELECT count(*) INTO taken FROM entry;
  RETURN taken;
END $$;
`;
