import { by, type CorpusEntry } from './entry.ts';

/** What makes a table and its rows at once, or tables that are not replicated. */
export const ROWS: readonly CorpusEntry[] = [
  by(
    'CREATE TABLE AS',
    'CREATE TABLE app.copied AS SELECT who, now() AS seen, random() AS r FROM app.sums -- its rows',
  ),
  by(
    'CREATE TABLE AS, written in full',
    'CREATE TABLE IF NOT EXISTS app.copied2 (a, b) AS SELECT 1, random() WITH DATA;',
  ),
  by('CREATE TABLE AS without rows', 'CREATE TABLE app.copied3 AS TABLE app.orders WITH NO DATA'),
  by(
    'SELECT INTO',
    'SELECT who, random() AS r INTO app.selected FROM app.sums',
    'WITH x AS (SELECT 1 AS one) SELECT one INTO app.selected2 FROM x UNION ALL SELECT 2',
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
