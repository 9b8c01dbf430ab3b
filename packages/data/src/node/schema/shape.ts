/** For functions that run with more rights than their caller: names mean the same whatever the session of a user is set to. */
export const FIXED = 'SET search_path = pg_catalog, pg_temp';

/** The key of a row `c` of pg_class: the columns of the replica identity; with FULL those of the primary key. */
export const KEY = `SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1] AS key, i.indisreplident AND c.relreplident = 'i' AS by_index
    FROM pg_catalog.pg_index i
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL
      AND (i.indisprimary OR (i.indisreplident AND c.relreplident = 'i'))
    ORDER BY 2 DESC LIMIT 1`;

/**
 * The tables that replicate: ordinary ones, each partition for itself. Not those of this schema, and none whose changes are not in the
 * WAL (temporary, unlogged) or lie elsewhere (foreign).
 *
 * key: what an immediate index makes sure of.
 * identity, wanted_identity: as in pg_class.relreplident. Without a key it must be FULL, or the publication forbids UPDATE and DELETE.
 * in_tree: it has a parent or children, so that a statement may name another table than the one whose row it changes.
 * has_virtual: it has virtual generated columns (18), with which FULL forbids UPDATE and DELETE.
 */
export const SHAPE = `
DROP VIEW IF EXISTS windlass.shape CASCADE; -- functions that take a row of it are made anew below
CREATE VIEW windlass.shape AS
SELECT s.*,
  CASE WHEN s.key = '{}' THEN 'f' WHEN s.by_index THEN 'i'
    WHEN s.identity = 'f' AND NOT s.full_by_us AND NOT s.has_virtual THEN 'f' ELSE 'd' END::"char" AS wanted_identity
FROM (
  SELECT c.oid AS relation, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.relreplident AS identity,
    coalesce(k.key, '{}') AS key, coalesce(k.by_index, false) AS by_index,
    EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid)
      OR EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid) AS in_tree,
    EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated = 'v' AND NOT a.attisdropped) AS has_virtual,
    coalesce(w.full_by_us, false) AS full_by_us
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN windlass.watched w ON w.relation = c.oid
  LEFT JOIN LATERAL (${KEY}) k ON true
  WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.oid >= 16384 AND n.nspname <> 'windlass') s;
REVOKE ALL ON windlass.shape FROM PUBLIC;
`;
