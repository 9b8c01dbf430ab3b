import { resolve } from './resolve.ts';
import { sameStatement } from './statements.ts';
import { wordsOf, type DdlRecord } from './record.ts';

const record = (more: Partial<DdlRecord>): DdlRecord => ({
  ...{ tag: 'CREATE TABLE', source: 'message', text: '', place: 0, major: 17, role: 'alice', path: 'public' },
  ...{ settings: {}, objects: [], known: {} },
  ...more,
});
const textsOf = async (more: Partial<DdlRecord>): Promise<readonly string[] | undefined> =>
  (await resolve(record(more)))?.texts;
const placed = (text: string, place: number, tag = 'CREATE TABLE'): Promise<readonly string[] | undefined> =>
  textsOf({ text, place, tag });

describe('one of a message', () => {
  it('is that of its number among those that event triggers see', async () => {
    const text = `BEGIN; CREATE TABLE é (); INSERT INTO é DEFAULT VALUES; GRANT CONNECT ON DATABASE d TO x; COMMENT ON ROLE x IS ';';
      CREATE ROLE y; DROP EVENT TRIGGER z; ALTER TABLE é ADD a int; COMMIT`;
    expect(await placed(text, 1)).toEqual(['CREATE TABLE é ()']);
    expect(await placed(text, 2, 'ALTER TABLE')).toEqual(['ALTER TABLE é ADD a int']);
    expect(await placed(text, 3)).toBeUndefined();
  });

  it('is not one that was rolled back', async () => {
    const text = `CREATE TABLE a (); SAVEPOINT s; CREATE TABLE b (); SAVEPOINT t; CREATE TABLE c (); RELEASE t; ROLLBACK TO s; CREATE TABLE d ();
      COMMIT; BEGIN; CREATE TABLE e (); ROLLBACK; CREATE TABLE f ()`;
    expect(await placed(text, 2)).toEqual(['CREATE TABLE d ()']);
    expect(await placed(text, 3)).toEqual(['CREATE TABLE f ()']);
  });

  it('counts from the beginning after a savepoint of an earlier message', async () => {
    expect(await placed('CREATE TABLE a (); ROLLBACK TO older; CREATE TABLE b ()', 1)).toEqual(['CREATE TABLE b ()']);
  });

  it('is refused where the count was set back', async () => {
    expect(await placed('CREATE TABLE a (); RESET ALL; CREATE TABLE b ()', 1)).toBeUndefined();
  });

  it('depends on the version: REINDEX is seen since 17', async () => {
    const text = 'REINDEX TABLE x; CREATE TABLE a (); CREATE TABLE b ()';
    expect(await textsOf({ text, place: 2, major: 17 })).toEqual(['CREATE TABLE a ()']);
    expect(await textsOf({ text, place: 2, major: 15 })).toEqual(['CREATE TABLE b ()']);
  });

  it('is refused when it is another sort of statement', async () => {
    expect(await placed('CREATE TABLE a (); DROP TABLE b', 2)).toBeUndefined();
    expect(await textsOf({ text: 'RESET ROLE' })).toBeUndefined();
    expect(await textsOf({ text: 'SELECT evil()' })).toBeUndefined();
  });
});

describe('one of a function', () => {
  const context = (text: string): string =>
    `SQL statement "${text}"\nPL/pgSQL function f() line 3 at EXECUTE\nSQL statement "SELECT f()"`;

  it('ends where it is a statement, whatever quotes it has', async () => {
    const text = 'CREATE TABLE a ("b" int) /* "\nPL/pgSQL function x */';
    expect(await textsOf({ source: 'context', text: context(text) })).toEqual([text]);
  });

  it('is not found in a context of another form', async () => {
    expect(await textsOf({ source: 'context', text: 'SQL-Anweisung »CREATE TABLE a ()«' })).toBeUndefined();
  });

  it('in SQL is that of its number', async () => {
    expect(await textsOf({ source: 'function', text: 'SELECT 1; CREATE TABLE a ()', place: 2 })).toEqual([
      'CREATE TABLE a ()',
    ]);
  });
});

describe('a table that is made with rows', () => {
  it.each([
    ['CREATE TABLE a AS SELECT 1 -- one', 'CREATE TABLE a AS SELECT 1 -- one\nWITH NO DATA'],
    ['CREATE TABLE a AS SELECT 1 WITH  DATA', 'CREATE TABLE a AS SELECT 1\nWITH NO DATA'],
    ['CREATE TABLE a AS SELECT 1 WITH NO DATA', 'CREATE TABLE a AS SELECT 1 WITH NO DATA'],
  ])('is made without: %s', async (text, expected) => {
    expect(await textsOf({ tag: 'CREATE TABLE AS', text })).toEqual([expected]);
  });

  it('by SELECT INTO is emptied', async () => {
    const text = 'SELECT 1 INTO "S".t UNION SELECT 2';
    expect(await textsOf({ tag: 'SELECT INTO', text })).toEqual([text, 'TRUNCATE "S"."t"']);
  });

  it('that is temporary is not made', async () => {
    expect(await textsOf({ tag: 'CREATE TABLE AS', text: 'CREATE TEMP TABLE a AS SELECT 1' })).toEqual([]);
    expect(await textsOf({ tag: 'CREATE TABLE AS', text: 'CREATE TABLE pg_temp.a AS SELECT 1' })).toEqual([]);
    expect(await textsOf({ tag: 'SELECT INTO', text: 'SELECT 1 INTO TEMP a' })).toEqual([]);
  });
});

it('leaves out what is many transactions', async () => {
  expect(await textsOf({ tag: 'CREATE INDEX', text: 'CREATE /* */ INDEX CONCURRENTLY ON a (b)' })).toEqual([]);
  expect(await textsOf({ tag: 'ALTER TABLE', text: 'ALTER TABLE a DETACH PARTITION b CONCURRENTLY' })).toEqual([]);
});

it('knows the same statement in another form', async () => {
  const [a, b, c] = await Promise.all(
    ['CREATE TABLE a (x int)', 'create  table A (X INT) ;', 'CREATE TABLE a (y int)'].map((text) =>
      resolve(record({ text })),
    ),
  );
  if (!a || !b || !c) throw new Error('not resolved');
  expect(sameStatement(a.statement, b.statement)).toBe(true);
  expect(sameStatement(a.statement, c.statement)).toBe(false);
});

it('is named without its text', () => {
  expect(wordsOf({ tag: 'CREATE TABLE', objects: ['index a.b', 'table a.c'] })).toBe(
    'CREATE TABLE (table a.c and 1 more)',
  );
  expect(wordsOf({ tag: 'GRANT', objects: [] })).toBe('GRANT');
});
