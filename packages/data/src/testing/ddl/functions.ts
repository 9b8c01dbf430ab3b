import { by, bySuperuser, type CorpusEntry } from './entry.ts';

/** DDL that functions do. */
export const FUNCTIONS: readonly CorpusEntry[] = [
  by(
    'DDL made by DO',
    `DO $$ BEGIN FOR i IN 1..3 LOOP EXECUTE format('CREATE TABLE app.%I (id int PRIMARY KEY /* "\n PL/pgSQL function " */)', 'Dyn "' || i); END LOOP; CREATE TABLE app.static (id int PRIMARY KEY);
    BEGIN CREATE TABLE app.undone (id int); RAISE 'x'; EXCEPTION WHEN OTHERS THEN CREATE TABLE app.instead (id int PRIMARY KEY); END; END $$; CREATE TABLE app.after_do (id int PRIMARY KEY)`,
  ),
  by(
    'functions that call functions',
    "CREATE FUNCTION app.inner_f(name text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE %s (id int PRIMARY KEY)', name); END $$",
    "CREATE FUNCTION app.outer_f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM app.inner_f('app.nested'); END $$",
    "SELECT app.outer_f(); SELECT app.inner_f('app.nested2')",
  ),
  by(
    'a function in SQL',
    `CREATE FUNCTION app.in_sql() RETURNS void LANGUAGE sql AS 'SELECT 1; CREATE TABLE app.sql1 (id int PRIMARY KEY); CREATE TABLE app.sql2 (id int PRIMARY KEY)'`,
    'SELECT app.in_sql()',
  ),
  by(
    'CREATE TABLE AS in a function',
    `DO $$ BEGIN EXECUTE 'CREATE TABLE app.made_in AS SELECT ' || 7 || ' AS seven'; CREATE TABLE app.made_in2 AS SELECT count FROM app.sums; END $$`,
  ),
  bySuperuser(
    'security definer',
    `CREATE FUNCTION app.as_superuser() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN EXECUTE 'CREATE TABLE app.of_superuser (id int PRIMARY KEY)'; END $$`,
  ),
  by('called by another', 'SELECT app.as_superuser()'),
];
