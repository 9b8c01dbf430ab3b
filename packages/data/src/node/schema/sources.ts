import { FIXED } from './shape.ts';

/**
 * The sources of the trigger functions, one function per table, in which everything is written out: a dynamic one takes three times as
 * long. What a value looks like is left to its output function (concat), as pgoutput does; a cast to text may be something else, and
 * may be a function of a user. to_json and JSON.stringify write a text alike.
 */
export const SOURCES = `
-- Whether values of this type look alike whatever a session is set to.
CREATE OR REPLACE FUNCTION windlass.is_plain(type oid) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT type = ANY ('{bool,int2,int4,int8,numeric,text,varchar,bpchar,name,uuid,oid,json,jsonb}'::regtype[]::oid[])
    OR EXISTS (SELECT FROM pg_type t WHERE t.oid = type AND t.typtype = 'e') $$;

-- The columns of a table whose values make its content: all that are not generated, in the order of their names.
CREATE OR REPLACE FUNCTION windlass.content_columns(which oid) RETURNS smallint[] LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(array_agg(a.attnum ORDER BY a.attname::text COLLATE "C"), '{}') FROM pg_attribute a
  WHERE a.attrelid = which AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' $$;

-- SQL for the JSON array of these columns of a row variable as texts: keyOf and contentOf of converge/table.ts.
CREATE OR REPLACE FUNCTION windlass.text_of(which oid, columns smallint[], source text) RETURNS text LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce('''['' || ' || string_agg(
    CASE WHEN a.attnotnull THEN format('to_json(concat(%s.%I))::text', source, a.attname)
      ELSE format('CASE WHEN %1$s.%2$I IS NOT DISTINCT FROM NULL THEN ''null'' ELSE to_json(concat(%1$s.%2$I))::text END', source, a.attname)
    END, ' || '','' || ' ORDER BY c.place) || ' || '']''', '''[]''')
  FROM unnest(columns) WITH ORDINALITY c (number, place) JOIN pg_attribute a ON a.attrelid = which AND a.attnum = c.number $$;

CREATE OR REPLACE FUNCTION windlass.list_of(which oid, columns smallint[], source text) RETURNS text LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT string_agg(format('%s.%I', source, a.attname), ', ' ORDER BY c.place)
  FROM unnest(columns) WITH ORDINALITY c (number, place) JOIN pg_attribute a ON a.attrelid = which AND a.attnum = c.number $$;

-- Of a table with a key. A statement that names the parent fires no statement triggers of the children: in a tree each row is on its own.
CREATE OR REPLACE FUNCTION windlass.keyed_source(which oid, key smallint[], in_tree boolean) RETURNS text LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT format($f$
BEGIN
  IF TG_LEVEL = 'STATEMENT' THEN
    %6$s
  ELSIF TG_OP = 'DELETE' OR ROW(%1$s)::record OPERATOR(pg_catalog.*<>) ROW(%2$s)::record THEN
    INSERT INTO windlass.tombstone (relation, key) VALUES (%3$s, %4$s) %5$s
  END IF;
  RETURN NULL;
END $f$, windlass.list_of(which, key, 'OLD'), windlass.list_of(which, key, 'NEW'), which, windlass.key_text_of(which, key, 'OLD'), forget,
    CASE WHEN in_tree THEN 'NULL;' ELSE format('INSERT INTO windlass.tombstone (relation, key) SELECT %s, %s FROM old_rows AS gone %s',
      which, windlass.key_text_of(which, key, 'gone'), forget) END)
  FROM (VALUES ('ON CONFLICT (relation, key) DO UPDATE SET time = NULL, node = NULL;')) v (forget) $$;

-- Of a table without a key: an update is one less of the old and one more of the new.
CREATE OR REPLACE FUNCTION windlass.counted_source(which oid, in_tree boolean) RETURNS text LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT format(CASE WHEN in_tree THEN $f$
BEGIN
  IF TG_LEVEL = 'STATEMENT' THEN RETURN NULL; END IF;
  IF TG_OP <> 'INSERT' THEN INSERT INTO windlass.tally_entry (relation, content, by) VALUES (%1$s, %4$s, -1); END IF;
  IF TG_OP <> 'DELETE' THEN INSERT INTO windlass.tally_entry (relation, content, by) VALUES (%1$s, %5$s, 1); END IF;
  RETURN NULL;
END $f$ ELSE $f$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO windlass.tally_entry (relation, content, by) SELECT %1$s, %2$s, -count(*) FROM old_rows AS gone GROUP BY 2;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO windlass.tally_entry (relation, content, by) SELECT %1$s, %3$s, count(*) FROM new_rows AS made GROUP BY 2;
  END IF;
  RETURN NULL;
END $f$ END, which, windlass.text_of(which, columns, 'gone'), windlass.text_of(which, columns, 'made'),
    windlass.text_of(which, columns, 'OLD'), windlass.text_of(which, columns, 'NEW'))
  FROM windlass.content_columns(which) columns $$;

-- Of all tables: what was counted before a TRUNCATE, also by the same transaction, does not count any more.
CREATE OR REPLACE FUNCTION windlass.on_truncate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
BEGIN
  INSERT INTO windlass.table_tombstone (relation) VALUES (TG_RELID)
  ON CONFLICT (relation) DO UPDATE SET time = NULL, node = NULL;
  DELETE FROM windlass.tally WHERE relation = TG_RELID;
  DELETE FROM windlass.tally_entry WHERE relation = TG_RELID;
  RETURN NULL;
END $$;
ALTER FUNCTION windlass.on_truncate() OWNER TO windlass_writer;
`;
