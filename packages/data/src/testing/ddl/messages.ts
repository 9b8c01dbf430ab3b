import { by, type CorpusEntry } from './entry.ts';

/** Several statements in a message, and transactions, some of them rolled back. */
export const MESSAGES: readonly CorpusEntry[] = [
  by(
    'several in one message',
    "CREATE TABLE app.m1 (id int PRIMARY KEY); CREATE TEMP TABLE m0 (i int); INSERT INTO app.m1 VALUES (1); ALTER TABLE app.m1 ADD b text; DROP TABLE m0; CREATE TABLE app.m2 (id int PRIMARY KEY); INSERT INTO app.m1 VALUES (2, 'b')",
  ),
  by(
    'a transaction in one message',
    "BEGIN; CREATE TABLE app.t1 (id int PRIMARY KEY); INSERT INTO app.t1 VALUES (1); ALTER TABLE app.t1 ADD c text DEFAULT 'é;'; INSERT INTO app.t1 VALUES (2); COMMIT; CREATE TABLE app.t2 (id int PRIMARY KEY)",
  ),
  by(
    'a transaction in several messages',
    'BEGIN',
    'CREATE TABLE app.u1 (id int PRIMARY KEY)',
    'INSERT INTO app.u1 VALUES (1)',
    'ALTER TABLE app.u1 RENAME TO u2',
    'INSERT INTO app.u2 VALUES (2)',
    'DROP TABLE app.t2',
    'COMMIT',
  ),
  by(
    'savepoints rolled back in one message',
    `BEGIN; CREATE TABLE app.s1 (id int PRIMARY KEY); SAVEPOINT a; CREATE TABLE app.s2 (id int); ROLLBACK TO a; CREATE TABLE app.s3 (id int PRIMARY KEY);
    SAVEPOINT b; CREATE TABLE app.s4 (id int); SAVEPOINT b; CREATE TABLE app.s5 (id int); RELEASE b; ROLLBACK TO SAVEPOINT b; CREATE TABLE app.s6 (id int PRIMARY KEY); COMMIT`,
  ),
  by(
    'a transaction rolled back in one message',
    'CREATE TABLE app.r1 (id int); BEGIN; CREATE TABLE app.r2 (id int); ROLLBACK; CREATE TABLE app.r3 (id int PRIMARY KEY)',
  ),
  by(
    'savepoints of several messages',
    'BEGIN',
    'SAVEPOINT a',
    'CREATE TABLE app.v1 (id int)',
    'ROLLBACK TO a; CREATE TABLE app.v2 (id int PRIMARY KEY); CREATE TABLE app.v3 (id int PRIMARY KEY)',
    'COMMIT',
  ),
  by('rolled back', 'BEGIN', 'CREATE TABLE app.never (id int)', 'ROLLBACK'),
];
