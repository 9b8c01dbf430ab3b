import type pg from 'pg';
import { ANY_MAJOR, RealPostgres } from '../testing/real-postgres.ts';
import { compare, repair, type ComparedNode, type From, type RepairReport } from './index.ts';

const TABLES = `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "V 'x'" text, n int GENERATED ALWAYS AS (1) STORED);
  INSERT INTO t ("V 'x'") SELECT 'v' || i FROM generate_series(1, 20) i;
  CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY); CREATE TABLE bag (v text);
  CREATE TABLE late (id int PRIMARY KEY DEFERRABLE);
  CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'a trigger ran'; END$$;
  CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t); INSERT INTO child VALUES (1, 3);
  CREATE SCHEMA windlass; CREATE TABLE windlass.tombstone (relation oid, key text, time timestamptz, node int, PRIMARY KEY (relation, key))`;
const TRIGGER = 'CREATE TRIGGER no BEFORE UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION no()';

/** What is written on one node; that it goes to all and wins, the test of the cluster shows. */
describe.each(ANY_MAJOR)('repair on %i', (major) => {
  let server: RealPostgres;
  let clients: readonly pg.Client[];
  let nodes: readonly ComparedNode[];
  beforeAll(async () => {
    server = await RealPostgres.start(major);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const databases = [await server.database(), await server.database()];
    clients = await Promise.all(databases.map((one) => server.client(one)));
    for (const client of clients) await client.query(TABLES);
    nodes = databases.map((database, i) => ({
      ...{ number: i + 1, name: `n${String(i + 1)}` },
      connection: { host: '127.0.0.1', port: server.port, user: 'windlass', database },
    }));
  });
  afterEach(() => server.endSessions());

  const on = async (node: number, sql: string): Promise<unknown[]> =>
    (await clients[node - 1]?.query<object>(sql))?.rows ?? [];
  const quiet = (): Promise<void> => Promise.resolve();
  async function repaired(from: From, meanwhile: () => Promise<unknown> = quiet): Promise<RepairReport> {
    const { tables } = await compare({ nodes, marker: quiet });
    await meanwhile();
    for (const client of clients) await client.query(TRIGGER);
    return repair({ nodes, tables, from, applied: () => () => true, marker: quiet });
  }
  const version = (node: number, id: number): Promise<unknown[]> =>
    on(node, `SELECT pg_xact_commit_timestamp(xmin) AS at FROM t WHERE id = ${String(id)}`);

  it('writes the right row once more, and touches nothing else', async () => {
    await on(2, `UPDATE t SET "V 'x'" = 'wrong' WHERE id = 7`);
    const [before, other] = [await version(1, 7), await version(1, 8)];
    const { repaired: done, left } = await repaired(1);
    expect(done).toEqual([{ table: 'public.t', key: ['7'], node: 1, what: 'written again' }]);
    expect(left).toEqual([{ table: 'public.t', key: ['7'], why: 'it still differs: compare again' }]);
    expect(await version(1, 7)).not.toEqual(before);
    expect(await version(1, 8)).toEqual(other);
    expect(await on(1, `SELECT "V 'x'" AS v FROM t WHERE id = 7`)).toEqual([{ v: 'v7' }]);
  });

  it('deletes what is wrong to be there, with a tombstone, without asking foreign keys', async () => {
    await on(2, `ALTER TABLE child DROP CONSTRAINT child_t_fkey; DELETE FROM t WHERE id = 3`);
    const { repaired: done, left } = await repaired(2);
    expect([done, left]).toEqual([[{ table: 'public.t', key: ['3'], node: 1, what: 'deleted' }], []]);
    expect(await on(1, `SELECT relation::regclass::text, key, time, node FROM windlass.tombstone`)).toEqual([
      { relation: 't', key: '["3"]', time: null, node: null },
    ]);
  });

  it('takes the newest, where no node is named', async () => {
    await on(1, `UPDATE t SET "V 'x'" = 'newer' WHERE id = 5`);
    await on(2, `UPDATE t SET "V 'x'" = 'newest' WHERE id = 5; DELETE FROM t WHERE id = 6`);
    const { repaired: done } = await repaired('newest');
    expect(done.map(({ key, node, what }) => [...key, node, what]).sort()).toEqual([
      ['5', 2, 'written again'],
      ['6', 1, 'deleted'],
    ]);
  });

  it('leaves what changed meanwhile', async () => {
    await on(2, `DELETE FROM t WHERE id = 6; UPDATE t SET "V 'x'" = 'wrong' WHERE id = 7`);
    const { repaired: done, left } = await repaired(1, () => on(1, 'DELETE FROM t WHERE id IN (6, 7)'));
    expect(done).toEqual([{ table: 'public.t', key: ['7'], node: 2, what: 'deleted' }]);
    expect(left).toEqual([{ table: 'public.t', key: ['6'], why: 'no node has it any more' }]);
  });

  const ahead = (key: number, seconds: number): Promise<unknown> =>
    on(
      2,
      `INSERT INTO windlass.tombstone VALUES ('t'::regclass, '["${String(key)}"]', clock_timestamp() + '${String(seconds)} s', 2);
      DELETE FROM t WHERE id = ${String(key)}`,
    );

  it('waits for the clock until what it writes is the newest', async () => {
    await ahead(4, 2);
    const { repaired: done } = await repaired(1);
    expect(done).toEqual([{ table: 'public.t', key: ['4'], node: 1, what: 'written again' }]);
    const [{ at } = { at: undefined }] = (await version(1, 4)) as { at: Date }[];
    const [{ time } = { time: undefined }] = (await on(2, 'SELECT time FROM windlass.tombstone')) as { time: Date }[];
    expect(at?.getTime()).toBeGreaterThanOrEqual(time?.getTime() ?? Infinity);
  });

  it('leaves what is further ahead of the clock than streams wait for', async () => {
    await ahead(4, 60);
    const { left, repaired: done } = await repaired(1);
    expect([done, left[0]]).toEqual([
      [],
      {
        table: 'public.t',
        key: ['4'],
        why: expect.stringMatching(/^a version is (5\d|60) s ahead of the clock/) as string,
      },
    ]);
  });

  it('says what it cannot do', async () => {
    await on(1, `INSERT INTO made DEFAULT VALUES; INSERT INTO bag VALUES ('x'); INSERT INTO late VALUES (1)`);
    const { left } = await repaired(1);
    expect(left.map(({ table, why }) => [table, why])).toEqual([
      ['public.bag', 'the table has no key: rebuild it'],
      ['public.late', 'the table has no key: rebuild it'],
      ['public.made', 'Postgres makes all of its columns, so none can be written'],
      ['public.made', 'it still differs: compare again'],
    ]);
  });
});
