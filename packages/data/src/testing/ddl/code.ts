import { by, type CorpusEntry } from './entry.ts';

/** Types, functions, triggers, views, rules and sequences. */
export const CODE: readonly CorpusEntry[] = [
  by(
    'an enum and its values',
    `CREATE TYPE app.colour AS ENUM ('red')`,
    `ALTER TYPE app.colour ADD VALUE 'blue' AFTER 'red'`,
    `ALTER TYPE app.colour RENAME VALUE 'red' TO 'Red'`,
    `CREATE TABLE app.coloured (id int PRIMARY KEY, c app.colour DEFAULT 'blue')`,
  ),
  by(
    'domain, range',
    'CREATE DOMAIN app.positive AS int CHECK (VALUE > 0)',
    'ALTER DOMAIN app.positive SET DEFAULT 1',
    'CREATE TYPE app.span AS RANGE (subtype = int)',
  ),
  by('composite type changed', 'CREATE TYPE app.point3 AS (x int, y int)', 'ALTER TYPE app.point3 ADD ATTRIBUTE z int'),
  by(
    'a function in a string',
    `CREATE FUNCTION app.twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2; SELECT n + n'`,
  ),
  by(
    'a function with statements of its own',
    'CREATE FUNCTION app.thrice(n int) RETURNS int LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT n + app.twice(n); END',
  ),
  by(
    'replaced, changed, owned',
    `CREATE OR REPLACE FUNCTION app.twice(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN n * 2; END $$`,
    "ALTER FUNCTION app.twice(int) STRICT SECURITY DEFINER SET work_mem = '8MB'",
  ),
  by(
    'procedure, aggregate, operator',
    `CREATE PROCEDURE app.nothing() LANGUAGE sql AS 'SELECT 1'`,
    'CREATE AGGREGATE app.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = 0)',
    'CREATE OPERATOR app.<+> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)',
  ),
  by(
    'a cast between own types',
    "CREATE FUNCTION app.to_pair(app.point3) RETURNS app.pair LANGUAGE sql AS $$ SELECT ROW(($1).x, '')::app.pair $$",
    'CREATE CAST (app.point3 AS app.pair) WITH FUNCTION app.to_pair(app.point3)',
  ),
  by(
    'a trigger',
    'CREATE FUNCTION app.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at = now(); RETURN NEW; END $$',
    'CREATE TRIGGER stamp BEFORE UPDATE ON app.orders FOR EACH ROW EXECUTE FUNCTION app.stamp()',
    'ALTER TABLE app.orders DISABLE TRIGGER stamp',
  ),
  by(
    'a view, replaced, renamed',
    'CREATE VIEW app.big AS SELECT * FROM app.lines',
    'CREATE OR REPLACE VIEW app.big WITH (security_barrier) AS SELECT id, "order" FROM app.lines WHERE id > 5',
    'ALTER VIEW app.big RENAME TO large',
  ),
  by(
    'a materialized view and its refresh',
    'CREATE MATERIALIZED VIEW app.sums AS SELECT who, count(*) FROM app.orders GROUP BY who',
    'CREATE UNIQUE INDEX ON app.sums (who)',
    'REFRESH MATERIALIZED VIEW app.sums',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY app.sums',
  ),
  by('a rule', 'CREATE RULE no_insert AS ON INSERT TO app.large DO INSTEAD NOTHING'),
  by(
    'a sequence',
    'CREATE SEQUENCE app.numbers INCREMENT 3',
    'ALTER SEQUENCE app.numbers MAXVALUE 1000 OWNED BY app.lines.id',
    'ALTER SEQUENCE app.numbers RENAME TO figures',
  ),
];
