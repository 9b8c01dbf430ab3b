import { FIXED } from './shape.ts';

/** So many nodes can give values of one sequence; the number of a node is its place among them. */
export const STRIDE = 16;

/**
 * Sequences that give other values on each node. An interleaved sequence gives every 16th value of those it would have given: on node n,
 * where it began at 1 and steps by 1, the values n, n + 16, n + 32 and so on. New ones are interleaved when they are made; what was there
 * before is listed until somebody says what shall be done with it.
 *
 * Sequences of users are read and set by their oid alone. By name one could be shown something else, at the last moment, and a SELECT
 * from what is a view by now would run what its owner put there. ALTER SEQUENCE goes by name, and runs nothing.
 */
export const SEQUENCES = `
-- node: for whom it is interleaved; NULL: not at all. accepted: somebody said to leave it alone.
-- moved_from: the last value given before, or in the table; floor: what it was moved beyond because a node said so.
DO $$ BEGIN
  IF to_regclass('windlass.sequence') IS NULL THEN
    CREATE TABLE windlass.sequence (relation oid PRIMARY KEY, node int, accepted boolean NOT NULL DEFAULT false,
      moved_from numeric, floor numeric);
    INSERT INTO windlass.sequence (relation) SELECT q.seqrelid FROM pg_catalog.pg_sequence q WHERE q.seqrelid >= 16384;
  END IF;
END $$;

-- Beyond which value a sequence of this name has to go on, on all nodes: rows of it go to all of them and are applied as those of users.
CREATE TABLE IF NOT EXISTS windlass.sequence_floor ("schema" text, name text, floor numeric NOT NULL, PRIMARY KEY ("schema", name));

-- Sequences of users that outlive a crash. is_member: it belongs to an extension, whose scripts may count on what it gives.
DROP VIEW IF EXISTS windlass.sequences CASCADE;
CREATE VIEW windlass.sequences AS
SELECT q.seqrelid AS relation, n.nspname AS "schema", c.relname AS sequence, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
  q.seqincrement AS increment, q.seqmin AS low, q.seqmax AS high, q.seqstart AS start, q.seqcycle AS cycles,
  k.relation IS NOT NULL AS is_recorded, k.node, coalesce(k.accepted, false) AS accepted, k.moved_from, k.floor,
  EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    OR EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_depend e ON e.classid = d.refclassid AND e.objid = d.refobjid
      AND e.deptype = 'e' WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')) AS is_member
FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN windlass.sequence k ON k.relation = q.seqrelid
WHERE c.relpersistence = 'p' AND c.oid >= 16384 AND n.nspname <> 'windlass';
REVOKE ALL ON windlass.sequences FROM PUBLIC;

-- By how much an interleaved sequence steps. What steps by that already, somebody has meant so, or it comes from a dump of a node.
CREATE OR REPLACE FUNCTION windlass.stride_of(it windlass.sequences) RETURNS numeric LANGUAGE sql IMMUTABLE ${FIXED} AS $$
  SELECT CASE WHEN mod(it.increment, ${STRIDE}) = 0 THEN it.increment ELSE it.increment::numeric * ${STRIDE} END $$;

-- Whether its range has not even two values for each node.
CREATE OR REPLACE FUNCTION windlass.is_narrow(it windlass.sequences) RETURNS boolean LANGUAGE sql IMMUTABLE ${FIXED} AS $$
  SELECT it.high::numeric - it.low < 2 * abs(windlass.stride_of(it)) $$;

-- Which values are this node's: those that leave this rest when divided by the stride.
CREATE OR REPLACE FUNCTION windlass.rest_of(it windlass.sequences) RETURNS numeric LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT mod(mod(mod(it.start, step) + step, step) + l.node * step, step * ${STRIDE})
  FROM windlass.local l, LATERAL (SELECT trunc(abs(windlass.stride_of(it)) / ${STRIDE}) AS step) s $$;

-- The first of them that is at or beyond a value, in the direction of the step.
CREATE OR REPLACE FUNCTION windlass.first_of(value numeric, rest numeric, stride numeric) RETURNS numeric LANGUAGE sql IMMUTABLE ${FIXED} AS $$
  SELECT CASE WHEN stride > 0 THEN value + mod(mod(rest - value, stride) + stride, stride)
    ELSE value - mod(mod(value - rest, -stride) - stride, -stride) END $$;

-- Whether it is interleaved for this node. With its last value (NULL: not looked at) also whether that is one of this node's.
CREATE OR REPLACE FUNCTION windlass.is_distinct(it windlass.sequences, last bigint) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT it.increment = windlass.stride_of(it) AND mod(it.start - r.rest, it.increment) = 0
    AND (last IS NULL OR mod(last - r.rest, it.increment) = 0) AND (SELECT l.node FROM windlass.local l) < ${STRIDE}
  FROM (SELECT windlass.rest_of(it) AS rest) r $$;

-- The first value of this node's that was not given and is beyond that one, too. Where nothing was given yet a value is taken and put
-- back: only so it is known, by oid, where it begins. Whoever calls holds a lock that keeps others from taking values.
CREATE OR REPLACE FUNCTION windlass.next_of(it windlass.sequences, rest numeric, stride numeric, beyond numeric) RETURNS numeric
LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  sign CONSTANT int := sign(stride);
  next_value numeric := pg_sequence_last_value(it.relation::regclass)::numeric + sign;
BEGIN
  IF next_value IS NULL THEN
    next_value := nextval(it.relation::regclass);
    PERFORM setval(it.relation::regclass, next_value::bigint, false);
  END IF;
  IF (beyond + sign - next_value) * sign > 0 THEN next_value := beyond + sign; END IF;
  RETURN windlass.first_of(next_value, rest, stride);
END $$;

-- Makes a sequence give this node's values only, beyond a value (NULL: any). locked: this transaction keeps others from taking values of
-- it; an ALTER SEQUENCE does that, also one that changes nothing. False: it cannot; then it is left as it is.
CREATE OR REPLACE FUNCTION windlass.interleave(which oid, beyond numeric, locked boolean) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  me CONSTANT int := (SELECT l.node FROM windlass.local l);
  it windlass.sequences;
  stride numeric;
  rest numeric;
  first_value numeric;
  next_value numeric;
  changes boolean;
BEGIN
  SELECT s.* INTO it FROM windlass.sequences s WHERE s.relation = which;
  stride := windlass.stride_of(it);
  rest := windlass.rest_of(it);
  first_value := windlass.first_of(it.start, rest, stride);
  IF me >= ${STRIDE} OR (it.node IS NULL AND windlass.is_narrow(it)) OR first_value NOT BETWEEN it.low AND it.high THEN RETURN false; END IF;
  -- Before ALTER SEQUENCE, which is looked at like a user's.
  INSERT INTO windlass.sequence (relation, node) VALUES (which, me) ON CONFLICT (relation) DO UPDATE SET node = excluded.node;
  changes := NOT locked OR it.increment <> stride OR it.start <> first_value;
  IF changes THEN
    PERFORM windlass.carry_out(ARRAY[format('ALTER SEQUENCE %s INCREMENT BY %s START WITH %s', it.name, stride, first_value)]);
  END IF;
  next_value := windlass.next_of(it, rest, stride, beyond);
  IF it.cycles AND next_value NOT BETWEEN it.low AND it.high THEN next_value := windlass.again_at(it, rest, stride); END IF;
  IF next_value NOT BETWEEN it.low AND it.high THEN RAISE numeric_value_out_of_range; END IF;
  PERFORM setval(which::regclass, next_value::bigint, false);
  IF changes AND it.cycles THEN
    PERFORM windlass.carry_out(ARRAY[format('ALTER SEQUENCE %s %s %s', it.name, CASE WHEN stride > 0 THEN 'MINVALUE' ELSE 'MAXVALUE' END,
      windlass.again_at(it, rest, stride))]);
  END IF;
  RETURN true;
EXCEPTION WHEN numeric_value_out_of_range OR invalid_parameter_value OR sequence_generator_limit_exceeded THEN RETURN false;
END $$;

-- Where a sequence begins again by itself, it has to begin with a value of this node's.
CREATE OR REPLACE FUNCTION windlass.again_at(it windlass.sequences, rest numeric, stride numeric) RETURNS numeric LANGUAGE sql IMMUTABLE ${FIXED} AS $$
  SELECT windlass.first_of(CASE WHEN stride > 0 THEN it.low ELSE it.high END, rest, stride) $$;

-- What is to be done with a sequence that was made, changed or set: new ones are interleaved, and those that are stay so.
CREATE OR REPLACE FUNCTION windlass.watch_sequence(which oid, locked boolean) RETURNS void LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  it windlass.sequences;
  last bigint;
BEGIN
  SELECT s.* INTO it FROM windlass.sequences s WHERE s.relation = which;
  IF NOT FOUND THEN DELETE FROM windlass.sequence WHERE relation = which; RETURN; END IF;
  last := pg_sequence_last_value(which::regclass);
  IF it.is_recorded AND it.node IS NULL AND NOT it.accepted AND windlass.is_distinct(it, last) THEN
    PERFORM windlass.interleave(which, NULL, locked);
    RETURN;
  END IF;
  IF it.is_recorded AND (it.node IS NULL OR it.accepted) THEN RETURN; END IF;
  -- Where nothing was given, it may have been set to begin anywhere.
  IF it.is_recorded AND windlass.is_distinct(it, last) AND (last IS NOT NULL OR NOT locked) THEN RETURN; END IF;
  IF it.is_recorded OR (NOT it.is_member AND (SELECT s.distinct_keys FROM windlass.setting s)) THEN
    IF windlass.interleave(which, NULL, locked) THEN PERFORM windlass.forget_floor(which); RETURN; END IF;
  END IF;
  INSERT INTO windlass.sequence (relation) VALUES (which) ON CONFLICT (relation) DO UPDATE SET node = NULL;
  PERFORM windlass.forget_floor(which);
END $$;

-- What was said of another sequence of this name, before, is not said of this one.
CREATE OR REPLACE FUNCTION windlass.forget_floor(which oid) RETURNS void LANGUAGE sql ${FIXED} AS $$
  UPDATE windlass.sequence k SET floor = f.floor FROM windlass.sequences s
  JOIN windlass.sequence_floor f ON f."schema" = s."schema" AND f.name = s.sequence
  WHERE k.relation = which AND s.relation = which AND k.floor IS NULL $$;

-- For who carries out DDL where event triggers are off, in the transaction of that DDL: the sequences it has made.
CREATE OR REPLACE FUNCTION windlass.watch_new_sequences() RETURNS void LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  one oid;
BEGIN
  FOR one IN SELECT s.relation FROM windlass.sequences s WHERE NOT s.is_recorded LOOP PERFORM windlass.watch_sequence(one, false); END LOOP;
END $$;

-- A page of the sequences that may have to be looked at: so many at a time, for each keeps a lock until the end of the transaction.
CREATE OR REPLACE FUNCTION windlass.unwatched_sequences(after oid, most int, OUT due oid[], OUT last oid) LANGUAGE sql VOLATILE ${FIXED} AS $$
  WITH page AS (
    SELECT s.relation, s AS it FROM windlass.sequences s WHERE s.relation > after ORDER BY s.relation LIMIT most),
  gone AS (
    SELECT k.relation FROM windlass.sequence k
    WHERE after = 0 AND NOT EXISTS (SELECT FROM windlass.sequences s WHERE s.relation = k.relation))
  SELECT ARRAY(SELECT p.relation FROM page p WHERE NOT (p.it).is_recorded OR (NOT (p.it).accepted
      AND windlass.is_distinct(p.it, pg_sequence_last_value(p.relation::regclass)) = ((p.it).node IS NULL))
    UNION ALL SELECT g.relation FROM gone g), (SELECT max(p.relation) FROM page p HAVING count(*) = most) $$;

CREATE OR REPLACE FUNCTION windlass.on_sequence() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  one oid;
BEGIN
  FOR one IN SELECT DISTINCT d.objid FROM pg_event_trigger_ddl_commands() d JOIN pg_sequence q ON q.seqrelid = d.objid
    WHERE d.classid = 'pg_class'::regclass AND d.command_tag IN ('CREATE SEQUENCE', 'ALTER SEQUENCE')
  LOOP
    PERFORM windlass.watch_sequence(one, true);
  END LOOP;
END $$;

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = 'windlass_sequence') THEN
    CREATE EVENT TRIGGER windlass_sequence ON ddl_command_end WHEN TAG IN ('CREATE SEQUENCE', 'ALTER SEQUENCE', 'CREATE TABLE', 'ALTER TABLE',
      'CREATE SCHEMA', 'CREATE FOREIGN TABLE', 'ALTER FOREIGN TABLE', 'CREATE VIEW', 'ALTER VIEW') EXECUTE FUNCTION windlass.on_sequence();
  END IF;
END $$;
ALTER EVENT TRIGGER windlass_sequence ENABLE ALWAYS;
`;
