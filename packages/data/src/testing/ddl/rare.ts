import { by, bySuperuser, type CorpusEntry } from './entry.ts';

/** What superusers make, and the end of it all. */
export const RARE: readonly CorpusEntry[] = [
  bySuperuser(
    'extensions',
    'CREATE EXTENSION hstore',
    'CREATE EXTENSION pg_trgm',
    'CREATE TABLE app.with_hstore (id int PRIMARY KEY, h public.hstore)',
    'CREATE INDEX ON app.with_hstore USING gin (h)',
    'DROP EXTENSION pg_trgm',
  ),
  by('a trusted extension', 'CREATE EXTENSION citext SCHEMA app'),
  bySuperuser(
    'text search, collation, language, server',
    'CREATE TEXT SEARCH CONFIGURATION app.mine (COPY = simple)',
    `CREATE COLLATION app.plain (provider = libc, locale = 'C')`,
    'CREATE FOREIGN DATA WRAPPER none',
    'CREATE SERVER away FOREIGN DATA WRAPPER none',
    `CREATE USER MAPPING FOR PUBLIC SERVER away OPTIONS (password 'secret')`,
    'CREATE FOREIGN TABLE app.far (id int) SERVER away',
  ),
  bySuperuser(
    'operator class',
    'CREATE OPERATOR CLASS app.ints FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 btint4cmp(int, int)',
  ),
  by(
    'drops of several',
    'DROP TABLE app.copied3, app.copied2, app.made_in CASCADE',
    'DROP VIEW app.large',
    'DROP FUNCTION app.thrice(int)',
    'DROP TYPE app.span',
    'DROP POLICY mine ON app.orders',
    'DROP TRIGGER stamp ON app.orders',
  ),
  by('a schema with all that is in it', 'DROP SCHEMA app2 CASCADE'),
  by('what somebody owns', 'SET ROLE team', 'DROP OWNED BY team', 'RESET ROLE'),
];
