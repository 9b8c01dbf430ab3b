import { TestNodes } from '../testing/apply/nodes.ts';
import { itAlike, MAJORS } from '../testing/real-postgres.ts';

const USERS = `CREATE TABLE users (id int PRIMARY KEY, mail text, gone date, v int)`;

/** Unique indexes of which columns alone do not say which rows collide. */
describe.each(MAJORS)('unique indexes that are computed, on Postgres %i', (major) => {
  const nodes = new TestNodes(3);
  beforeAll(async () => {
    await nodes.start(major);
    await nodes.asSuperuser('CREATE ROLE alice');
  });
  afterAll(() => nodes.stop());
  afterEach(() => nodes.end());

  async function flow(): Promise<void> {
    await nodes.flowAll();
    await nodes.flowAll();
  }
  async function expectEqual(...rows: readonly string[]): Promise<void> {
    for (const number of [1, 2, 3]) {
      expect([number, ...(await nodes.rows(number, 'SELECT * FROM users'))]).toEqual([number, ...rows]);
      expect(await nodes.rows(number, 'SELECT key FROM windlass.parked')).toEqual([]);
    }
  }
  const ODD: readonly (readonly [columns: string, index: string, one: string, two: string])[] = [
    ['mail text', '(lower(mail))', `'A@x'`, `'a@X'`],
    ['mail text, gone date', '(mail) WHERE gone IS NULL', `'a', NULL`, `'a', NULL`],
    ['mail text, v int', `(lower(mail), (v / 10)) WHERE mail LIKE '%@%'`, `'A@x', 11`, `'a@X', 12`],
    ['mail text, v int', `((mail || 'x'), v) NULLS NOT DISTINCT`, 'NULL, 1', 'NULL, 1'],
    // Equal values have several texts.
    ['n numeric', '(n)', '1.0', '1.00'],
    ['n float8', '(n)', '0', `'-0'`],
    ['n interval', '(n)', `'1 month'`, `'30 days'`],
    ['n jsonb', '(n)', `'{"a": 1.0}'`, `'{"a": 1.00}'`],
    ['n numeric[]', '(n)', `'{1.0}'`, `'{1.00}'`],
    ['n text COLLATE loose', '(n)', `'A'`, `'a'`],
    ['n text', '(n COLLATE loose)', `'A'`, `'a'`],
    ['n text, g text GENERATED ALWAYS AS (lower(n)) STORED', '(g)', `'A'`, `'a'`],
    // There is no hash for it.
    ['n bit(3)', '((n | n))', `'101'`, `'101'`],
  ];

  it('of two rows the newer one stays, and the other is recorded once, whatever the index is made of', async () => {
    const tables = ODD.map(
      ([columns, index], i) =>
        `CREATE TABLE t${String(i)} (id int PRIMARY KEY, ${columns}); CREATE UNIQUE INDEX ON t${String(i)} ${index};`,
    );
    const loose = `CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`;
    await nodes.begin(`${loose}; ${tables.join('')}`);
    for (const [i, [, , one, two]] of ODD.entries()) {
      await nodes.run(1, `INSERT INTO t${String(i)} VALUES (1, ${one})`);
      await nodes.run(2, `INSERT INTO t${String(i)} VALUES (2, ${two})`);
    }
    await flow();
    const stays = ODD.map((_, i) => `SELECT 't${String(i)}' AS t, id FROM t${String(i)}`).join(' UNION ALL ');
    const expected = ODD.map((_, i) => `(t${String(i)},2)`).sort();
    for (const number of [1, 2, 3]) {
      expect(await nodes.rows(number, stays)).toEqual(expected);
      expect(await nodes.rows(number, 'SELECT key FROM windlass.parked')).toEqual([]);
    }
    const lost = `SELECT count(*), count(DISTINCT relation) FROM windlass.conflict WHERE key = '["1"]' AND lost_to = 'unique value'`;
    expect([await nodes.rows(1, lost), await nodes.rows(2, lost), await nodes.rows(3, lost)]).toEqual([
      ['(0,0)'],
      [`(${String(ODD.length)},${String(ODD.length)})`],
      ['(0,0)'],
    ]);
  });

  itAlike(
    major,
    'rows that its condition leaves out collide with nothing, and one that it no longer takes in lets others back',
    async () => {
      await nodes.begin(`${USERS}; CREATE UNIQUE INDEX odd ON users (lower(mail)) WHERE gone IS NULL`);
      await nodes.run(1, `INSERT INTO users VALUES (1, 'A', NULL, 1)`);
      await nodes.run(2, `INSERT INTO users VALUES (2, 'a', NULL, 2), (3, 'a', '2020-01-01', 3)`);
      await nodes.flow(1, 3);
      await nodes.flow(2, 3);
      expect(await nodes.rows(3, 'SELECT key FROM windlass.parked')).toEqual([`("[""1""]")`]);
      expect(await nodes.rows(3, `SELECT "row" FROM windlass.parked WHERE "row"::text LIKE '%##%'`)).toEqual([]);
      await nodes.run(2, `UPDATE users SET gone = '2021-01-01' WHERE id = 2`);
      await nodes.flow(2, 3);
      await nodes.until(3, 'SELECT FROM users WHERE id = 1');
      await flow();
      await expectEqual('(1,A,,1)', '(2,a,2021-01-01,2)', '(3,a,2020-01-01,3)');
    },
  );

  itAlike(major, 'values are swapped within one transaction', async () => {
    await nodes.begin(`${USERS}; CREATE UNIQUE INDEX odd ON users (lower(mail))`);
    await nodes.run(1, `INSERT INTO users VALUES (1, 'A', NULL, 1), (2, 'B', NULL, 2)`);
    await nodes.flowAll();
    await nodes.run(
      1,
      `BEGIN; UPDATE users SET mail = 'x' WHERE id = 1; UPDATE users SET mail = 'a' WHERE id = 2; UPDATE users SET mail = 'b' WHERE id = 1; COMMIT`,
    );
    await nodes.flowAll();
    await expectEqual('(1,b,,1)', '(2,a,,2)');
    for (const number of [1, 2, 3]) expect(await nodes.rows(number, 'SELECT key FROM windlass.conflict')).toEqual([]);
  });

  itAlike(major, 'finds rows by the index, also where it is one of many', async () => {
    await nodes.begin(`${USERS}; CREATE UNIQUE INDEX odd ON users ((1 / v)) WHERE v <> 0`);
    await nodes.run(1, `INSERT INTO users VALUES (1, 'a', NULL, 1), (2, 'b', NULL, 0), (3, 'c', NULL, 0)`);
    await nodes.run(2, `INSERT INTO users VALUES (4, 'd', NULL, 1)`);
    await flow();
    await expectEqual('(2,b,,0)', '(3,c,,0)', '(4,d,,1)');
  });

  itAlike(major, 'code of users in it runs with the rights of its owner', async () => {
    await nodes.begin(`CREATE TABLE ran (as_whom text, what text); GRANT INSERT ON ran TO PUBLIC; GRANT CREATE ON SCHEMA public TO alice;
      CREATE SCHEMA evil AUTHORIZATION alice; SET SESSION AUTHORIZATION alice; CREATE FUNCTION evil.ran(what text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('application_name') LIKE 'windlass%' THEN INSERT INTO public.ran VALUES (current_user, what); END IF; END $$;
      CREATE FUNCTION evil.note(what text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM evil.ran(what); RETURN what; END $$;
      CREATE TABLE users (id int PRIMARY KEY, n text); CREATE UNIQUE INDEX code ON users (evil.note(lower(n))); RESET SESSION AUTHORIZATION`);
    for (const number of [1, 2])
      await nodes.run(number, `INSERT INTO users VALUES (${String(number)}, '${number === 1 ? 'X' : 'x'}')`);
    await flow();
    await expectEqual('(2,x)');
    for (const number of [1, 2, 3])
      expect(await nodes.rows(number, 'SELECT DISTINCT as_whom, what FROM ran')).toEqual(['(alice,x)']);
  });

  itAlike(
    major,
    'what is read again has the rights of the owner where a type of a user is in it: it may come to mean something else',
    async () => {
      await nodes.begin(`GRANT CREATE ON SCHEMA public TO alice; SET SESSION AUTHORIZATION alice; CREATE TYPE e AS ENUM ('a', 'b');
      CREATE TABLE plain (id int PRIMARY KEY, k e UNIQUE, n int UNIQUE); CREATE INDEX ON plain (id) WHERE k > 'a'; CREATE TABLE users (LIKE plain INCLUDING INDEXES);
      CREATE UNIQUE INDEX odd ON users (n) WHERE k > 'a'; CREATE TABLE numbers (id int PRIMARY KEY, n int); CREATE UNIQUE INDEX ON numbers ((n + 1)); RESET SESSION AUTHORIZATION`);
      const role = `SELECT t, (windlass.code_of(t::regclass)->>'role')::oid::regrole FROM unnest('{plain,users,numbers}'::text[]) t`;
      expect(await nodes.rows(1, role)).toEqual(['(numbers,)', '(plain,)', '(users,alice)']);
    },
  );
});
