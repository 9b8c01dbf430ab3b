import { TestNodes } from '../testing/apply/nodes.ts';
import { ANY_MAJOR } from '../testing/real-postgres.ts';
import { until } from '../testing/until.ts';

const USERS = `CREATE TABLE users (id int PRIMARY KEY, mail text UNIQUE, nick text UNIQUE, v int)`;

describe.each(ANY_MAJOR)('unique values beside the key on Postgres %i', (major) => {
  const nodes = new TestNodes(3);
  beforeAll(() => nodes.start(major));
  afterAll(() => nodes.stop());
  afterEach(() => nodes.end());

  async function expectEqual(...rows: readonly string[]): Promise<void> {
    for (const number of [1, 2, 3]) {
      expect([number, ...(await nodes.rows(number, 'SELECT * FROM users'))]).toEqual([number, ...rows]);
      expect(await nodes.rows(number, 'SELECT key FROM windlass.parked')).toEqual([]);
    }
    const versions = 'SELECT pg_xact_commit_timestamp(xmin), * FROM users';
    const all = await Promise.all([1, 2, 3].map((number) => nodes.rows(number, versions)));
    expect([all[1], all[2]]).toEqual([all[0], all[0]]);
  }

  /** A row that lost to another one waits beside the table of node 2, which decides nothing about it. */
  async function untilParked(key: string): Promise<void> {
    await until(async () => (await nodes.rows(2, 'SELECT key FROM windlass.parked')).join() === key);
  }
  const untilNobodyIsParked = () => untilParked('');

  it('of two rows the newer one keeps the value, and the other is removed and recorded by the node of the winner', async () => {
    await nodes.begin(USERS);
    await nodes.run(1, `INSERT INTO users VALUES (1, 'a', NULL, 1)`);
    await nodes.run(2, `INSERT INTO users VALUES (2, 'a', NULL, 2)`);
    await nodes.flowAll();
    await nodes.flowAll();
    await expectEqual('(2,a,,2)');
    const records = 'SELECT key, loser_node, winner_node, lost_to FROM windlass.conflict';
    expect(await nodes.rows(2, records)).toEqual([`("[""1""]",1,2,"unique value")`]);
    expect([await nodes.rows(1, records), await nodes.rows(3, records)]).toEqual([[], []]);
  });

  it.each([
    // Node 2 hears of the first row before it hears of the third, and removes it for good.
    { order: [1, 2, 3], rows: ['(3,,b,3)'] },
    { order: [3, 2, 1], rows: ['(1,a,,1)', '(3,,b,3)'] },
    { order: [2, 3, 1], rows: ['(1,a,,1)', '(3,,b,3)'] },
  ])('in a chain of two values the same rows stand everywhere, in the order $order', async ({ order, rows }) => {
    await nodes.begin(USERS);
    await nodes.run(1, `INSERT INTO users VALUES (1, 'a', NULL, 1)`);
    await nodes.run(2, `INSERT INTO users VALUES (2, 'a', 'b', 2)`);
    await nodes.run(3, `INSERT INTO users VALUES (3, NULL, 'b', 3)`);
    for (const from of order) for (const to of order) if (from !== to) await nodes.flow(from, to);
    await nodes.flowAll();
    await nodes.flowAll();
    await expectEqual(...rows);
  });

  it('a row that was parked is whose it was, also where its origin is younger than the session', async () => {
    await nodes.begin(USERS);
    await nodes.node(2).applier.close();
    await nodes.run(2, `SELECT pg_replication_origin_drop('windlass_n1')`);
    nodes.node(2).applier = await nodes.openApplier(2);
    await nodes.until(
      2,
      `SELECT FROM pg_stat_activity WHERE application_name = 'windlass applier' AND query ~ 'copied'`,
    );
    await nodes.run(2, `SELECT pg_replication_origin_create('windlass_n1')`);
    await nodes.run(1, `INSERT INTO users VALUES (1, 'a', NULL, 1)`);
    await nodes.flow(1, 2);
    await nodes.run(3, `INSERT INTO users VALUES (3, 'a', NULL, 3)`);
    await nodes.flow(3, 2);
    expect(await nodes.rows(2, 'SELECT node FROM windlass.parked')).toEqual(['(1)']);
    await nodes.run(3, `DELETE FROM users`);
    await nodes.flowAll();
    await untilNobodyIsParked();
    await expectEqual('(1,a,,1)');
  });

  it('a row that comes back takes its place from one that stood there for its sake', async () => {
    await nodes.begin(USERS);
    await nodes.run(1, `INSERT INTO users VALUES (1, NULL, 'b', 1)`);
    await nodes.run(2, `INSERT INTO users VALUES (2, 'a', 'b', 2)`);
    await nodes.run(3, `INSERT INTO users VALUES (3, 'a', NULL, 3)`);
    await nodes.flow(3, 2);
    await nodes.flow(1, 2);
    await untilParked(`("[""2""]")`);
    expect(await nodes.rows(2, 'SELECT id FROM users')).toEqual(['(1)', '(3)']);
    await nodes.run(2, 'DELETE FROM users WHERE id = 3');
    await untilNobodyIsParked();
    expect(await nodes.rows(2, 'SELECT id FROM users')).toEqual(['(2)']);
    await nodes.flowAll();
    await nodes.flowAll();
    await expectEqual(...(await nodes.rows(2, 'SELECT * FROM users')));
  });

  it('a row that is parked does not come back when users have written another one with its key, and deleted that', async () => {
    await nodes.begin(USERS);
    await nodes.run(1, `INSERT INTO users VALUES (1, 'a', NULL, 1)`);
    await nodes.run(3, `INSERT INTO users VALUES (3, 'a', NULL, 3)`);
    await nodes.flow(1, 2);
    await nodes.flow(3, 2);
    await untilParked(`("[""1""]")`);
    await nodes.run(2, `INSERT INTO users VALUES (1, 'b', NULL, 2)`);
    await nodes.run(2, 'DELETE FROM users WHERE id = 1');
    await nodes.run(2, 'DELETE FROM users WHERE id = 3');
    await untilNobodyIsParked();
    expect(await nodes.rows(2, 'SELECT * FROM users')).toEqual([]);
    await nodes.flowAll();
    await nodes.flowAll();
    await expectEqual();
  });

  it('values are swapped within one transaction', async () => {
    await nodes.begin(USERS);
    await nodes.run(1, `INSERT INTO users VALUES (1, 'a', NULL, 1), (2, 'b', NULL, 2)`);
    await nodes.flowAll();
    await nodes.run(
      1,
      `BEGIN; UPDATE users SET mail = 'x' WHERE id = 1; UPDATE users SET mail = 'a' WHERE id = 2; UPDATE users SET mail = 'b' WHERE id = 1; COMMIT`,
    );
    await nodes.flowAll();
    await expectEqual('(1,b,,1)', '(2,a,,2)');
    for (const number of [1, 2, 3]) expect(await nodes.rows(number, 'SELECT 1 FROM windlass.conflict')).toEqual([]);
  });

  it('a row that is parked comes back when what kept it out goes, with the version it had', async () => {
    await nodes.begin(USERS);
    await nodes.run(1, `INSERT INTO users VALUES (1, 'a', NULL, 1)`);
    await nodes.run(2, `INSERT INTO users VALUES (2, 'a', NULL, 2)`);
    await nodes.flow(1, 3);
    await nodes.flow(2, 3);
    expect(await nodes.rows(3, 'SELECT key FROM windlass.parked')).toEqual([`("[""1""]")`]);
    await nodes.run(2, `DELETE FROM users`);
    await nodes.flow(2, 3);
    await nodes.until(3, `SELECT FROM users WHERE id = 1`);
    await nodes.flowAll();
    await nodes.flowAll();
    await expectEqual('(1,a,,1)');
  });

  it('a row that cannot be put back keeps nothing else from being applied, and comes back when it can', async () => {
    await nodes.begin(`${USERS}; CREATE TABLE other (id int PRIMARY KEY)`);
    await nodes.run(1, `INSERT INTO users VALUES (1, 'a', NULL, 1)`);
    await nodes.run(2, `INSERT INTO users VALUES (2, 'a', NULL, 2)`);
    await nodes.flow(1, 3);
    await nodes.flow(2, 3);
    await nodes.run(3, 'ALTER TABLE users ADD CONSTRAINT big CHECK (v > 9) NOT VALID');
    await nodes.run(2, 'DELETE FROM users');
    await nodes.flow(2, 3);
    for (const [id, from] of [1, 2, 1, 2].entries()) {
      await nodes.run(from, `INSERT INTO other VALUES (${String(id)})`);
      await nodes.flow(from, 3);
    }
    expect(await nodes.rows(3, 'SELECT * FROM other')).toHaveLength(4);
    expect(await nodes.rows(3, 'SELECT key FROM windlass.parked')).toEqual([`("[""1""]")`]);
    const { state } = nodes.node(3).applier;
    expect(state.stuck).toContain('public.users cannot be applied');
    await nodes.run(3, 'ALTER TABLE users DROP CONSTRAINT big');
    await nodes.until(3, `SELECT FROM users WHERE id = 1`);
    await until(() => state.stuck === undefined, 60_000);
  });

  it('where values collide again and again, what each of two peers has written is tried a few times in all', async () => {
    await nodes.begin(USERS);
    await nodes.run(
      1,
      `INSERT INTO users VALUES (1, 'a', NULL, 1), (2, 'b', NULL, 2), (3, 'c', NULL, 3), (4, 'd', NULL, 4)`,
    );
    await nodes.flowAll();
    const count = 30;
    const swap = (from: number): string => {
      const [one, two] = from === 1 ? [1, 2] : [3, 4];
      return `BEGIN; CREATE TEMP TABLE was ON COMMIT DROP AS SELECT * FROM users; UPDATE users SET mail = 'x${String(from)}' WHERE id = ${String(one)};
        UPDATE users SET mail = (SELECT mail FROM was WHERE id = ${String(one)}) WHERE id = ${String(two)};
        UPDATE users SET mail = (SELECT mail FROM was WHERE id = ${String(two)}) WHERE id = ${String(one)}; COMMIT`;
    };
    for (let i = 0; i < count; i += 1) for (const from of [1, 2]) await nodes.run(from, swap(from));
    const [one, two] = [await nodes.eventsOf(1, 3), await nodes.eventsOf(2, 3)];
    await Promise.all([nodes.give(1, 3, one), nodes.give(2, 3, two)]);
    const { peers } = nodes.node(3).applier.state;
    const repeated = [1, 2].reduce((sum, peer) => sum + (peers.get(peer)?.repeated ?? 0), 0);
    expect(repeated).toBeGreaterThan(0);
    expect(repeated).toBeLessThan(count / 3);
  });
});
