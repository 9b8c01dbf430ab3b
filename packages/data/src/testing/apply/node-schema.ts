/** What lies in the database of a node, as far as the applier needs it. */
export const NODE_SCHEMA = `
CREATE SCHEMA windlass;
CREATE TABLE windlass.tombstone (relation oid, key text, time timestamptz, node int, PRIMARY KEY (relation, key));
CREATE TABLE windlass.table_tombstone (relation oid PRIMARY KEY, time timestamptz, node int);
CREATE TABLE windlass.parked (relation oid, key text, "row" jsonb, time timestamptz, node int, PRIMARY KEY (relation, key));
CREATE TABLE windlass.tally (relation oid, content text, "row" jsonb, certain bigint, since jsonb, PRIMARY KEY (relation, content));
CREATE TABLE windlass.late_recheck (relation oid, key text, time timestamptz, node int, horizon xid8);
ALTER TABLE windlass.late_recheck REPLICA IDENTITY FULL;
CREATE TABLE windlass.conflict (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, noticed_at timestamptz DEFAULT now(),
  relation text, key text, loser_time timestamptz, loser_node int, winner_time timestamptz, winner_node int, lost_to text,
  incoming jsonb, here jsonb);
CREATE TABLE windlass.copied (until timestamptz PRIMARY KEY, node int NOT NULL);
CREATE TABLE windlass.removal (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "schema" text, name text, key text);
CREATE TABLE windlass.heartbeat (node int PRIMARY KEY, at timestamptz);
CREATE FUNCTION windlass.deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET datestyle = ISO AS $$
BEGIN
  EXECUTE pg_catalog.format('INSERT INTO windlass.tombstone (relation, key) SELECT %s, k FROM (SELECT array_to_json(ARRAY[%s])::text AS k FROM old_rows %s) o
    ON CONFLICT (relation, key) DO UPDATE SET time = NULL, node = NULL', TG_RELID, TG_ARGV[0],
    CASE TG_OP WHEN 'UPDATE' THEN pg_catalog.format('EXCEPT SELECT array_to_json(ARRAY[%s])::text FROM new_rows', TG_ARGV[0]) ELSE '' END);
  RETURN NULL;
END $$;
CREATE FUNCTION windlass.truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO windlass.table_tombstone (relation) VALUES (TG_RELID) ON CONFLICT (relation) DO UPDATE SET time = NULL, node = NULL;
  RETURN NULL;
END $$;
CREATE PUBLICATION windlass FOR ALL TABLES;
`;

/** Triggers of a table that write tombstones; `keys` are its key columns as SQL. */
export function watched(table: string, ...keys: readonly string[]): string {
  const list = keys
    .map((key) => `${key}::text`)
    .join(', ')
    .replaceAll("'", "''");
  return `CREATE TRIGGER windlass_d AFTER DELETE ON ${table} REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION windlass.deleted('${list}');
    CREATE TRIGGER windlass_u AFTER UPDATE ON ${table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION windlass.deleted('${list}');
    CREATE TRIGGER windlass_t AFTER TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION windlass.truncated();`;
}
