/** What a node needs that only a restart gives. */
export const SETTINGS = `SELECT pg_catalog.current_setting('wal_level') AS wal_level,
  pg_catalog.current_setting('track_commit_timestamp') AS commit_times`;

export const HAS_ORIGIN = 'SELECT 1 FROM pg_catalog.pg_replication_origin WHERE roname = $1';
/** Two who make the same one at once: the second fails, and finds it the next time. */
export const CREATE_ORIGIN = 'SELECT pg_catalog.pg_replication_origin_create($1)';
export const REWIND_ORIGIN = 'SELECT pg_catalog.pg_replication_origin_advance($1, $2::pg_catalog.pg_lsn)';

export const TIMELINE = 'SELECT timeline FROM windlass.peer_timeline WHERE peer = $1';
export const SET_TIMELINE = `INSERT INTO windlass.peer_timeline VALUES ($1, $2)
  ON CONFLICT (peer) DO UPDATE SET timeline = excluded.timeline`;

export const SKIPPED = 'SELECT lsn::text AS lsn FROM windlass.skipped WHERE peer = $1';

/** Nobody waits for it: it is said again two seconds later. */
export const NOTE = `WITH quickly AS (SELECT pg_catalog.set_config('synchronous_commit', 'off', true))
  INSERT INTO windlass.peer_status AS s (peer, state, waits_for, written_lsn, applied_lsn, last_commit_time, lag_ms, noted_at)
  SELECT n.peer, n.state, n.waits_for, n.written_lsn, n.applied_lsn, pg_catalog.to_timestamp(n.last_commit_ms / 1000), n.lag_ms,
    pg_catalog.clock_timestamp()
  FROM quickly, pg_catalog.jsonb_to_recordset($1) AS n (peer int, state text, waits_for text, written_lsn pg_lsn, applied_lsn pg_lsn,
    last_commit_ms float8, lag_ms bigint)
  ON CONFLICT (peer) DO UPDATE SET (state, waits_for, written_lsn, applied_lsn, last_commit_time, lag_ms, noted_at) =
    (excluded.state, excluded.waits_for, excluded.written_lsn, excluded.applied_lsn, excluded.last_commit_time, excluded.lag_ms,
    excluded.noted_at)`;

export const BEAT = {
  name: 'beat',
  text: `INSERT INTO windlass.heartbeat (node, at) VALUES ($1, pg_catalog.clock_timestamp())
    ON CONFLICT (node) DO UPDATE SET at = excluded.at`,
};
