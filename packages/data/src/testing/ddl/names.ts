import { by, extended, type CorpusEntry } from './entry.ts';

/** What a statement means by roles, settings and names that are not in it, and how it is written. */
export const NAMES: readonly CorpusEntry[] = [
  by('SET ROLE', 'SET ROLE team', 'CREATE TABLE team_table (id int PRIMARY KEY)', 'RESET ROLE'),
  by(
    'search_path',
    `SET search_path = 'app2', app`,
    'CREATE TABLE by_path (id int PRIMARY KEY)',
    'CREATE VIEW by_path_view AS SELECT * FROM orders',
    'ALTER TABLE by_path ADD x app.colour',
    'RESET search_path',
  ),
  by(
    'settings that matter',
    `SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Tokyo'; CREATE TABLE app.dated (d date DEFAULT '03/04/2026' PRIMARY KEY, t timestamptz DEFAULT '2026-01-01 00:00'); RESET DateStyle; RESET TimeZone`,
  ),
  by(
    'IF NOT EXISTS, IF EXISTS',
    'CREATE TABLE IF NOT EXISTS app.orders (x int)',
    'DROP TABLE IF EXISTS app.no_such_table, app.r1',
    'ALTER TABLE IF EXISTS app.no_such_table ADD x int',
  ),
  by(
    'names that need quotes',
    `CREATE TABLE app."Ünï""cödé; DROP" ("select" int PRIMARY KEY, "a""b" text)`,
    `ALTER TABLE app."Ünï""cödé; DROP" RENAME "a""b" TO "'"`,
    `CREATE TABLE app.${'"' + 'N'.repeat(63) + '"'} (${'"' + 'c'.repeat(63) + '"'} int PRIMARY KEY)`,
  ),
  by(
    'text that looks like several statements',
    `CREATE FUNCTION app.looks() RETURNS text LANGUAGE sql AS $f$ SELECT '; DROP TABLE app.orders; --' $f$; /* ; */ COMMENT ON FUNCTION app.looks() IS '; CREATE TABLE x ()' -- ; DROP TABLE app.orders`,
  ),
  extended(
    'the extended protocol',
    'CREATE TABLE app.ext (id int PRIMARY KEY)',
    'ALTER TABLE app.ext ADD a text',
    'CREATE TABLE app.ext2 AS SELECT * FROM app.ext',
  ),
];
