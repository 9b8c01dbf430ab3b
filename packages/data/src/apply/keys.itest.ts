import { TestNodes } from '../testing/apply/nodes.ts';

describe('keys whose equal values have several texts', () => {
  const nodes = new TestNodes(2);
  beforeAll(() => nodes.start(17));
  afterAll(() => nodes.stop());
  afterEach(() => nodes.end());

  const both = (sql: string): Promise<string[][]> => Promise.all([1, 2].map((number) => nodes.rows(number, sql)));

  it.each([
    ['numeric', '1.0', '1.00'],
    ['float8', '0', '-0'],
    ['citext', 'ÄB', 'äb'],
    ['bpchar', 'a', 'a   '],
  ])('of type %s have one tombstone, one row and one conflict', async (type, one, other) => {
    await nodes.begin(`CREATE EXTENSION citext; CREATE TABLE t (k ${type} PRIMARY KEY, v text)`);
    await nodes.run(1, `INSERT INTO t VALUES ('${one}', 'first')`);
    await nodes.flow(1, 2);
    // What node 2 writes is older than the delete of node 1.
    await nodes.run(2, `UPDATE t SET k = '${other}', v = 'loses'`);
    await nodes.run(1, 'DELETE FROM t');
    await nodes.flow(2, 1);
    await nodes.flow(1, 2);
    expect(await both('SELECT v FROM t')).toEqual([[], []]);
    const tombstones = await both('SELECT key FROM windlass.tombstone');
    expect([tombstones[0]?.length, tombstones[1]]).toEqual([1, tombstones[0]]);
    // Within one transaction, in either way of writing; and it is as the last writer wrote it.
    await nodes.run(
      1,
      `BEGIN; INSERT INTO t VALUES ('${one}', 'a'); DELETE FROM t; INSERT INTO t VALUES ('${other}', 'b'); COMMIT`,
    );
    await nodes.run(1, `UPDATE t SET k = '${one}'; UPDATE t SET v = 'c', k = '${other}'`);
    await nodes.flow(1, 2);
    const [here, there] = await both('SELECT concat(k) AS k, v FROM t');
    expect(here?.length).toBe(1);
    expect(there).toEqual(here);
  });

  it('are told from one another also where the rules decide in memory', async () => {
    await nodes.begin(`CREATE TABLE t (k numeric PRIMARY KEY, mail text UNIQUE)`);
    await nodes.run(1, `INSERT INTO t VALUES ('1.0', 'a')`);
    await nodes.flow(1, 2);
    await nodes.run(2, `UPDATE t SET k = '1.000'; INSERT INTO t VALUES ('2.50', 'b')`);
    await nodes.run(1, `INSERT INTO t VALUES ('3.0', 'b')`);
    for (let i = 0; i < 3; i += 1) await nodes.flowAll();
    const [here, there] = await both('SELECT k::text, mail FROM t');
    expect(here).toEqual(['(1.000,a)', '(3.0,b)']);
    expect(there).toEqual(here);
  });

  it('may be long', async () => {
    await nodes.begin(
      `CREATE TABLE t (k text PRIMARY KEY, v text); CREATE TABLE u (k text PRIMARY KEY, mail text UNIQUE)`,
    );
    // Letters that do not compress.
    const key = `(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 80) i)`;
    await nodes.run(1, `INSERT INTO t VALUES (${key}, 'a'), ('short', 'b'); INSERT INTO u VALUES (${key}, 'a')`);
    await nodes.flow(1, 2);
    await nodes.run(2, `UPDATE t SET v = 'loses' WHERE v = 'a'; INSERT INTO u VALUES ('x', 'z')`);
    await nodes.run(1, `DELETE FROM t WHERE v = 'a'; INSERT INTO u VALUES ('y', 'z'); DELETE FROM u WHERE mail = 'a'`);
    await nodes.run(2, `BEGIN; INSERT INTO t VALUES ('running', 'r')`);
    await nodes.run(1, `INSERT INTO t VALUES (reverse(${key}), 'c')`);
    const events = await nodes.eventsOf(1, 2);
    await nodes.run(2, 'COMMIT');
    await nodes.give(1, 2, events);
    await nodes.run(1, `DELETE FROM t WHERE v = 'c'`);
    for (let i = 0; i < 3; i += 1) await nodes.flowAll();
    expect(await both('SELECT v FROM t')).toEqual([
      ['(b)', '(r)'],
      ['(b)', '(r)'],
    ]);
    expect(await both('SELECT k, mail FROM u')).toEqual([['(y,z)'], ['(y,z)']]);
  });

  it('collide in a NULL where the index says so, and a deferrable exclusion stops the stream', async () => {
    await nodes.begin(`CREATE EXTENSION btree_gist; CREATE TABLE t (k int PRIMARY KEY, a int, b int, UNIQUE NULLS NOT DISTINCT (a, b));
      CREATE TABLE e (k int PRIMARY KEY, EXCLUDE USING gist (k WITH =) DEFERRABLE)`);
    await nodes.run(1, 'INSERT INTO t VALUES (1, 1, NULL)');
    await nodes.run(2, 'INSERT INTO t VALUES (2, 1, NULL)');
    for (let i = 0; i < 3; i += 1) await nodes.flowAll();
    expect(await both('SELECT * FROM t')).toEqual([['(2,1,)'], ['(2,1,)']]);
    await nodes.run(1, 'INSERT INTO e VALUES (1)');
    await expect(nodes.flow(1, 2)).rejects.toThrow('public.e has the deferrable exclusion constraint "e_k_excl"');
  });
});
