import { by, type CorpusEntry } from './entry.ts';

/** Partitions, storage, rights, comments and owners. */
export const PROPERTIES: readonly CorpusEntry[] = [
  by(
    'partitions',
    'CREATE TABLE app.log (day date, id int, PRIMARY KEY (day, id)) PARTITION BY RANGE (day)',
    `CREATE TABLE app.log_1 PARTITION OF app.log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`,
    'CREATE TABLE app.log_2 (day date NOT NULL, id int NOT NULL)',
    `ALTER TABLE app.log ATTACH PARTITION app.log_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')`,
    'ALTER TABLE app.log ADD what text',
    'ALTER TABLE app.log DETACH PARTITION app.log_1',
  ),
  by(
    'statistics',
    'CREATE STATISTICS app.related ON who, flag FROM app.orders',
    'ALTER TABLE app.orders ALTER who SET STATISTICS 50',
  ),
  by(
    'storage options',
    'ALTER TABLE app.orders SET (fillfactor = 70)',
    'ALTER TABLE app.orders ALTER who SET STORAGE EXTERNAL',
  ),
  by(
    'grants',
    'GRANT SELECT, INSERT (id) ON app.orders TO bob WITH GRANT OPTION',
    'GRANT USAGE ON SCHEMA app TO PUBLIC',
    'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO bob',
    'REVOKE INSERT (id) ON app.orders FROM bob',
  ),
  by(
    'default privileges',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO bob',
    'CREATE TABLE app.by_default (id int PRIMARY KEY)',
  ),
  by(
    'row level security',
    'ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY',
    'CREATE POLICY own ON app.orders FOR SELECT TO bob USING (who = current_user)',
    'ALTER POLICY own ON app.orders RENAME TO mine',
    'ALTER TABLE app.orders FORCE ROW LEVEL SECURITY',
  ),
  by(
    'comments',
    `COMMENT ON TABLE app.orders IS 'what''s "ordered"; --'`,
    `COMMENT ON COLUMN app.orders.who IS E'two\\nlines'`,
    `COMMENT ON FUNCTION app.twice(int) IS 'x'`,
  ),
  by('another schema', 'ALTER TABLE app.coloured SET SCHEMA app2'),
  by(
    'another owner',
    'CREATE TABLE app.given (id int PRIMARY KEY)',
    'GRANT CREATE ON SCHEMA app TO team',
    'ALTER TABLE app.given OWNER TO team',
  ),
];
