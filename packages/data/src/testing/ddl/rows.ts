import { by, type CorpusEntry } from './entry.ts';

/** What makes a table and its rows at once, or tables that are not replicated. */
export const ROWS: readonly CorpusEntry[] = [
  by(
    'CREATE TABLE AS',
    'CREATE TABLE app.copied AS SELECT id, who, now() AS seen, random() AS r FROM app.orders WHERE id < 0 -- none of them',
  ),
  by(
    'CREATE TABLE AS, written in full',
    'CREATE TABLE IF NOT EXISTS app.copied2 (a, b) AS SELECT 1, random() WHERE false WITH DATA;',
  ),
  by('CREATE TABLE AS without rows', 'CREATE TABLE app.copied3 AS TABLE app.orders WITH NO DATA'),
  by(
    'SELECT INTO',
    'SELECT id, random() AS r INTO app.selected FROM app.orders WHERE id < 0',
    'WITH x AS (SELECT 1 AS one) SELECT one INTO app.selected2 FROM x WHERE false UNION ALL SELECT 2 WHERE false',
  ),
  by('UNLOGGED', 'CREATE UNLOGGED TABLE app.fast (id int PRIMARY KEY)', 'INSERT INTO app.fast VALUES (1)'),
  by(
    'temporary tables are of one session',
    'CREATE TEMP TABLE mine (id int)',
    'CREATE TEMP TABLE mine2 AS SELECT 1 AS x',
    'SELECT 1 AS y INTO TEMPORARY mine3',
    'ALTER TABLE mine ADD b text',
    'CREATE INDEX ON mine (b)',
    'CREATE VIEW mine4 AS SELECT * FROM mine',
    'DROP VIEW mine4',
    'DROP TABLE mine, mine2',
  ),
];
