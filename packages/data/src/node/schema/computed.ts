import { FIXED } from './shape.ts';

/** Unique indexes of which the server has to be asked what a row is in them: `describe` says of what they are made. */
export const COMPUTED = `
-- Whether equal values of a type have one hash: Postgres makes one, of a row or an array too, where there is one for each of its parts.
CREATE OR REPLACE FUNCTION windlass.is_hashable(which oid) RETURNS boolean LANGUAGE plpgsql STABLE ${FIXED} AS $$
DECLARE
  it pg_type;
BEGIN
  SELECT t.* INTO it FROM pg_type t WHERE t.oid = (windlass.base_type(which, -1)).base;
  RETURN CASE WHEN it.typtype = 'e' THEN true
    WHEN it.typcategory = 'A' THEN windlass.is_hashable(it.typelem)
    WHEN it.typtype IN ('r', 'm') THEN (SELECT windlass.is_hashable(g.rngsubtype) FROM pg_range g WHERE it.oid IN (g.rngtypid, g.rngmultitypid))
    ELSE EXISTS (SELECT FROM pg_opclass c JOIN pg_amproc p ON p.amprocfamily = c.opcfamily AND p.amproclefttype = c.opcintype AND p.amprocnum = 2
      WHERE c.opcmethod = 405 AND c.opcdefault AND (c.opcintype = it.oid OR EXISTS (SELECT FROM pg_cast k
        WHERE k.castsource = it.oid AND k.casttarget = c.opcintype AND k.castmethod = 'b' AND k.castcontext = 'i'))) END;
END $$;

-- The indexes of which columns alone, or their texts, do not say which rows collide.
CREATE OR REPLACE FUNCTION windlass.is_computed(i pg_index) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT NOT i.indisexclusion AND i.indisunique AND (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL OR EXISTS (
    SELECT FROM unnest((i.indkey::smallint[])[0:i.indnkeyatts - 1]) c (number) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = c.number
    WHERE a.attgenerated <> '' OR windlass.key_kind(i.indrelid, c.number) IS DISTINCT FROM 'exact')
    OR EXISTS (SELECT FROM pg_collation l WHERE l.oid = ANY (i.indcollation::oid[]) AND NOT l.collisdeterministic)) $$;

-- What the rules ask of a computed index is read from text, as are the generated columns in it: a cast that somebody has made since for a type of
-- theirs may be found in it then.
CREATE OR REPLACE FUNCTION windlass.is_read_again(which oid) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT EXISTS (SELECT FROM pg_index i, LATERAL (
      SELECT concat(i.indexprs::text, i.indpred::text) UNION ALL SELECT d.adbin::text FROM pg_attrdef d JOIN pg_attribute a
        ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated <> '' WHERE d.adrelid = which) e (tree),
      LATERAL regexp_matches(e.tree, ':[a-z_]*type(?:id|Id)? (\\d+)', 'g') f JOIN pg_type t ON t.oid = f[1]::oid JOIN pg_roles r ON r.oid = t.typowner
    WHERE i.indrelid = which AND windlass.is_computed(i) AND t.oid >= 16384 AND NOT r.rolsuper) $$;
`;
