import { STRIDE } from './sequences.ts';
import { FIXED } from './shape.ts';

/**
 * Sequences that were there before. To interleave them without giving a value that another node has given, all nodes have to go on beyond
 * the last of all of them. One node says from where (a floor): beyond what it has given and what is in the table, which has also the rows of
 * the others, and some more for what they give until they hear of it. The row goes to all nodes. One that has given more than that all
 * the same says a higher floor, and all go beyond that.
 */
export const MOVE_SEQUENCES = `
-- The columns that a sequence is for: those it belongs to, and those whose default takes its values.
CREATE OR REPLACE FUNCTION windlass.columns_of_sequence(which oid) RETURNS TABLE (relation oid, number smallint) LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT d.refobjid, d.refobjsubid::smallint FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = which
    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
  UNION
  SELECT f.adrelid, f.adnum FROM pg_depend d JOIN pg_attrdef f ON f.oid = d.objid
  WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = which $$;

-- The value of these columns that is furthest in the direction of the step. A name may be given to something else at any moment, so the
-- table is locked first, and then has to have the name still: nothing of a user may run here.
CREATE OR REPLACE FUNCTION windlass.furthest_in_tables(which oid, sign int) RETURNS numeric LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  one record;
  found numeric;
  furthest numeric;
BEGIN
  FOR one IN
    SELECT format('%I.%I', n.nspname, t.relname) AS name, t.oid AS relation, a.attname FROM windlass.columns_of_sequence(which) c
    JOIN pg_class t ON t.oid = c.relation AND t.relkind IN ('r', 'p') JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.number
    WHERE a.atttypid = ANY ('{int2,int4,int8,numeric}'::regtype[]::oid[])
  LOOP
    EXECUTE format('LOCK TABLE %s IN ACCESS SHARE MODE', one.name);
    IF to_regclass(one.name) IS DISTINCT FROM one.relation::regclass THEN
      RAISE EXCEPTION '% was renamed meanwhile', one.name USING ERRCODE = 'lock_not_available';
    END IF;
    EXECUTE format('SELECT %s(x.%I)::numeric FROM %s x', CASE WHEN sign > 0 THEN 'max' ELSE 'min' END, one.attname, one.name) INTO found;
    furthest := CASE WHEN sign > 0 THEN greatest(furthest, found) ELSE least(furthest, found) END;
  END LOOP;
  RETURN furthest;
END $$;

-- The last value that was given here or, in its tables, by anybody.
CREATE OR REPLACE FUNCTION windlass.furthest_of(it windlass.sequences) RETURNS numeric LANGUAGE sql VOLATILE ${FIXED} AS $$
  SELECT CASE WHEN it.increment > 0 THEN greatest(l.last, t.furthest, it.start - 1) ELSE least(l.last, t.furthest, it.start + 1) END
  FROM (SELECT pg_sequence_last_value(it.relation::regclass)::numeric AS last) l,
    LATERAL windlass.furthest_in_tables(it.relation, sign(it.increment)::int) t (furthest) $$;

-- A floor with room for what other nodes give until they hear of it: a million, or a 32nd of what is left.
CREATE OR REPLACE FUNCTION windlass.floor_of(it windlass.sequences, furthest numeric, headroom numeric) RETURNS numeric LANGUAGE sql IMMUTABLE ${FIXED} AS $$
  SELECT furthest + sign(it.increment) * coalesce(headroom,
    least(1000000, trunc(abs(CASE WHEN it.increment > 0 THEN it.high ELSE it.low END - furthest) / 32))) $$;

-- Interleaves a sequence beyond a floor. Gives the floor that all nodes have to be beyond: a further one, when more has been given here.
CREATE OR REPLACE FUNCTION windlass.move_beyond(which oid, floor numeric, headroom numeric DEFAULT NULL) RETURNS numeric LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  it windlass.sequences;
  furthest numeric;
  beyond numeric := floor;
BEGIN
  SELECT s.* INTO STRICT it FROM windlass.sequences s WHERE s.relation = which;
  -- Values of an interleaved sequence are nobody else's: what matters is what was given before it was one.
  furthest := coalesce(it.moved_from, CASE WHEN it.node IS NULL THEN windlass.furthest_of(it) END);
  IF beyond IS NULL OR (furthest - beyond) * sign(it.increment) > 0 THEN
    furthest := coalesce(furthest, windlass.furthest_of(it));
    beyond := windlass.floor_of(it, furthest, headroom);
    INSERT INTO windlass.sequence_floor AS f ("schema", name, floor) VALUES (it."schema", it.sequence, beyond)
    ON CONFLICT ("schema", name) DO UPDATE SET floor = excluded.floor;
  END IF;
  IF NOT windlass.interleave(which, beyond, false) THEN
    RAISE EXCEPTION 'sequence % cannot be interleaved: its range, or what is left of it, is too small for a value of this node', it.name
      USING ERRCODE = 'sequence_generator_limit_exceeded', HINT = 'Give it a greater MAXVALUE (and its column another type), or take windlass.next_id().';
  END IF;
  UPDATE windlass.sequence k SET floor = beyond, moved_from = coalesce(k.moved_from, furthest), accepted = false WHERE k.relation = which;
  RETURN beyond;
END $$;

-- Sequences of which another node said that all have to be beyond a value.
CREATE OR REPLACE FUNCTION windlass.floors_due() RETURNS SETOF oid LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT s.relation FROM windlass.sequence_floor f JOIN windlass.sequences s ON s."schema" = f."schema" AND s.sequence = f.name
  WHERE s.is_recorded AND f.floor IS DISTINCT FROM s.floor $$;

CREATE OR REPLACE FUNCTION windlass.obey_floor(which oid) RETURNS void LANGUAGE sql ${FIXED} AS $$
  SELECT windlass.move_beyond(s.relation, f.floor) FROM windlass.sequence_floor f
  JOIN windlass.sequences s ON s."schema" = f."schema" AND s.sequence = f.name WHERE s.relation = which $$;

-- The sequences that give equal values on several nodes, and what to do.
CREATE OR REPLACE FUNCTION windlass.colliding_sequences() RETURNS TABLE (sequence text, used_by text, reason text, what_to_do text)
LANGUAGE sql STABLE SECURITY DEFINER ${FIXED} AS $$
  SELECT s.name, (SELECT string_agg(format('%s.%I', c.relation::regclass, a.attname), ', ' ORDER BY c.relation, c.number)
      FROM windlass.columns_of_sequence(s.relation) c JOIN pg_attribute a ON a.attrelid = c.relation AND a.attnum = c.number),
    CASE WHEN NOT s.is_recorded THEN 'it was made where event triggers are off; the replicator looks at it within a minute'
      WHEN s.node IS NOT NULL THEN 'it was changed; the replicator looks at it within a minute'
      WHEN s.is_member THEN 'it belongs to an extension, which may count on what it gives'
      WHEN windlass.is_narrow(s) OR (SELECT l.node FROM windlass.local l) >= ${STRIDE} THEN 'its range is too small to be interleaved, or the number of this node too great'
      ELSE 'it gives every value on every node: it is older than this database''s nodes, or interleaving is switched off' END,
    format('SELECT * FROM windlass.make_sequences_distinct(%L); or, where only one node uses it: SELECT windlass.accept_sequence(%1$L)', s.name)
  FROM windlass.sequences s WHERE NOT s.accepted AND (s.node IS NULL OR NOT windlass.is_distinct(s, NULL)) ORDER BY s.name $$;

-- Moves one sequence, or all that collide, here and on all nodes. Says beyond what each goes on. A transaction that has taken a value keeps
-- the sequence until it ends; so long everybody who wants one would wait behind us.
CREATE OR REPLACE FUNCTION windlass.make_sequences_distinct(which regclass DEFAULT NULL, headroom bigint DEFAULT NULL)
RETURNS TABLE (sequence text, beyond numeric) LANGUAGE plpgsql VOLATILE ${FIXED} SET lock_timeout = '2s' AS $$
DECLARE
  one oid;
BEGIN
  IF which IS NOT NULL AND NOT EXISTS (SELECT FROM windlass.sequences s WHERE s.relation = which) THEN
    RAISE EXCEPTION '% is no sequence that is kept for good', which USING ERRCODE = 'wrong_object_type';
  END IF;
  IF headroom < 0 THEN RAISE EXCEPTION 'headroom must not be negative' USING ERRCODE = 'invalid_parameter_value'; END IF;
  FOR one, sequence IN SELECT s.relation, s.name FROM windlass.sequences s
    WHERE s.relation = which OR (which IS NULL AND NOT s.accepted AND (s.node IS NULL OR NOT windlass.is_distinct(s, NULL))) ORDER BY s.name
  LOOP
    beyond := windlass.move_beyond(one, NULL, headroom);
    RETURN NEXT;
  END LOOP;
END $$;

-- Leaves a sequence as it is, and out of the list: only one node uses it, or its values need not be distinct.
CREATE OR REPLACE FUNCTION windlass.accept_sequence(which regclass) RETURNS void LANGUAGE plpgsql VOLATILE ${FIXED} AS $$
BEGIN
  INSERT INTO windlass.sequence (relation, accepted) SELECT s.relation, true FROM windlass.sequences s WHERE s.relation = which
  ON CONFLICT (relation) DO UPDATE SET accepted = true;
  IF NOT FOUND THEN RAISE EXCEPTION '% is no sequence that is kept for good', which USING ERRCODE = 'wrong_object_type'; END IF;
END $$;
`;
