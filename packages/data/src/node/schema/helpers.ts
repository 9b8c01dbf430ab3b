import { makePowerless } from './roles.ts';
import { FIXED } from './shape.ts';

/**
 * What the functions for users stand on. They run as `windlass_helper`, a role that may read what they tell and owns nothing else;
 * nobody logs in as it. What only a superuser is told (the progress of an origin) is behind one small function that takes a number.
 */
export const HELPERS = `
-- What was decided for this database. distinct_keys: new sequences are interleaved. spock: the schema of that name, when it is ours, and
-- a digest of what lies in it.
CREATE TABLE IF NOT EXISTS windlass.setting (
  distinct_keys boolean NOT NULL DEFAULT true, spock oid, spock_digest text, single boolean PRIMARY KEY DEFAULT true CHECK (single));
INSERT INTO windlass.setting DEFAULT VALUES ON CONFLICT DO NOTHING;

-- What the replicator last knew of each peer: so old that it says nothing when it has not been written for some seconds.
CREATE TABLE IF NOT EXISTS windlass.peer_status (
  peer int PRIMARY KEY, state text NOT NULL, waits_for text, written_lsn pg_lsn, applied_lsn pg_lsn, last_commit_time timestamptz,
  lag_ms bigint, noted_at timestamptz NOT NULL);

${makePowerless('windlass_helper')}GRANT USAGE ON SCHEMA windlass TO windlass_helper;
GRANT SELECT ON windlass.node, windlass.local, windlass.heartbeat, windlass.peer_status, windlass.watched TO windlass_helper;

-- How far what this node wrote, or what it reads from another one, has got here: a position in the log of that node. NULL: it reads
-- nothing from there. Of itself: all on the primary, on a replica what has been replayed.
CREATE OR REPLACE FUNCTION windlass.progress_of(number int) RETURNS pg_lsn LANGUAGE sql VOLATILE SECURITY DEFINER ${FIXED} AS $$
  SELECT CASE
    WHEN $1 = (SELECT l.node FROM windlass.local l) THEN
      CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END
    ELSE (SELECT coalesce(pg_replication_origin_progress(o.roname, false), '0/0') FROM windlass.node n
      JOIN pg_replication_origin o ON o.roname = n.origin WHERE n.number = $1) END $$;
GRANT EXECUTE ON FUNCTION windlass.progress_of(int) TO windlass_helper;
`;

/** After these seconds without a word of the replicator nothing is known of a peer. It writes every 2 s. */
const FRESH = `interval '10 seconds'`;

/**
 * State and lag of each peer, for people and for what asks as it would ask Spock. Of the nodes that are known, those count as peers from
 * which this one has read, or whose replicator means to.
 */
export const STATUS = `
CREATE OR REPLACE FUNCTION windlass.peers() RETURNS TABLE (number int, name text, state text, applied_lsn pg_lsn, written_lsn pg_lsn,
  last_commit_time timestamptz, lag_bytes bigint, lag_ms bigint, is_known boolean, noted_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER ${FIXED} AS $$
  SELECT n.number, n.name, CASE WHEN f.fresh THEN s.state ELSE 'no_replicator' END, a.lsn, CASE WHEN f.fresh THEN s.written_lsn END, c.time,
    CASE WHEN f.fresh THEN greatest(s.written_lsn - greatest(a.lsn, s.applied_lsn), 0)::bigint END,
    CASE WHEN f.fresh AND s.state = 'streaming' THEN s.lag_ms
      ELSE greatest((extract(epoch FROM clock_timestamp() - c.time) * 1000)::bigint, 0) END, p.lsn IS NOT NULL, s.noted_at
  FROM windlass.node n LEFT JOIN windlass.peer_status s ON s.peer = n.number LEFT JOIN windlass.heartbeat h ON h.node = n.number,
    LATERAL (SELECT windlass.progress_of(n.number) AS lsn) p, LATERAL (SELECT coalesce(p.lsn, '0/0') AS lsn) a,
    LATERAL (SELECT coalesce(s.noted_at > clock_timestamp() - ${FRESH}, false) AS fresh) f,
    -- A heartbeat has the commit time it had on its node.
    LATERAL (SELECT greatest(s.last_commit_time, pg_xact_commit_timestamp(h.xmin)) AS time) c
  WHERE n.number <> (SELECT l.node FROM windlass.local l) AND (p.lsn IS NOT NULL OR f.fresh) $$;
ALTER FUNCTION windlass.peers() OWNER TO windlass_helper;

-- waits_for may name hosts: not for everybody.
CREATE OR REPLACE VIEW windlass.node_status AS
SELECT p.number, p.name, p.state, CASE p.state WHEN 'no_replicator' THEN 'the replicator of this node does not run' ELSE s.waits_for END AS waits_for,
  p.applied_lsn, p.written_lsn, p.last_commit_time, p.lag_bytes, p.lag_ms, p.noted_at
FROM windlass.peers() p LEFT JOIN windlass.peer_status s ON s.peer = p.number;
ALTER VIEW windlass.node_status OWNER TO windlass_helper;
REVOKE ALL ON windlass.node_status FROM PUBLIC;
GRANT SELECT ON windlass.node_status TO pg_monitor;
`;
