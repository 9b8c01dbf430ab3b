import type { SourceEvent } from '../source/postgres/index.ts';
import { TestNodes } from '../testing/apply/nodes.ts';
import { ANY_MAJOR } from '../testing/real-postgres.ts';

const T = `CREATE TABLE t (id int PRIMARY KEY, v text)`;

describe.each(ANY_MAJOR)('applying to Postgres %i', (major) => {
  const nodes = new TestNodes(3);
  beforeAll(() => nodes.start(major));
  afterAll(() => nodes.stop());
  afterEach(() => nodes.end());

  /** Rows with their versions, on each node the same. */
  async function expectEqual(table: string, ...rows: readonly string[]): Promise<void> {
    for (const number of [1, 2, 3])
      expect([number, ...(await nodes.rows(number, `SELECT * FROM ${table}`))]).toEqual([number, ...rows]);
    const versions = `SELECT ctid IS NOT NULL, pg_xact_commit_timestamp(xmin), t.* FROM ${table} t`;
    const [first, ...others] = await Promise.all([1, 2, 3].map((number) => nodes.rows(number, versions)));
    for (const other of others) expect(other).toEqual(first);
  }
  const conflicts = (number: number): Promise<string[]> =>
    nodes.rows(number, 'SELECT relation, key, loser_node, winner_node, lost_to, incoming, here FROM windlass.conflict');

  it('writes what is inserted, changed and deleted, with the version it has at its sender', async () => {
    await nodes.begin(T);
    await nodes.run(1, `INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 5) i`);
    await nodes.run(
      1,
      `UPDATE t SET v = 'w' WHERE id = 2; DELETE FROM t WHERE id > 3; UPDATE t SET id = 9 WHERE id = 3`,
    );
    await nodes.run(2, `INSERT INTO t VALUES (7, NULL)`);
    await nodes.flowAll();
    await expectEqual('t', '(1,v1)', '(2,w)', '(7,)', '(9,v3)');
  });

  describe('what is there and what arrives decides', () => {
    beforeEach(async () => {
      await nodes.begin(T);
      await nodes.run(1, `INSERT INTO t VALUES (1, 'old')`);
      await nodes.flowAll();
    });

    it('a newer row: a row that arrives is rejected, and is a conflict of the node that wrote the winner', async () => {
      await nodes.run(1, `UPDATE t SET v = 'loses'`);
      await nodes.run(2, `UPDATE t SET v = 'wins'`);
      await nodes.flowAll();
      await expectEqual('t', '(1,wins)');
      expect(await conflicts(2)).toEqual([
        `(t,"[""1""]",1,2,"newer row","{""v"": ""loses"", ""id"": ""1""}","{""v"": ""wins"", ""id"": ""1""}")`.replace(
          '(t',
          '(public.t',
        ),
      ]);
      expect([await conflicts(1), await conflicts(3)]).toEqual([[], []]);
      expect(nodes.node(2).applier.state).toMatchObject({ conflicts: 1 });
      expect(nodes.node(2).applier.state.peers.get(1)).toMatchObject({ rejected: 1, stopped: undefined });
      await nodes.run(1, `INSERT INTO t VALUES (2, 'is sent after it')`);
      await nodes.beginAgain(1, 2);
      await nodes.flow(1, 2);
      expect(nodes.node(2).applier.state.peers.get(1)).toMatchObject({ rejected: 2 });
      expect(await conflicts(2)).toHaveLength(1);
    });

    it('a newer row: a delete that arrives is rejected, and is a conflict', async () => {
      await nodes.run(1, `DELETE FROM t`);
      await nodes.run(2, `UPDATE t SET v = 'wins'`);
      await nodes.flowAll();
      await expectEqual('t', '(1,wins)');
      expect((await conflicts(2)).map((one) => one.includes('1,2,"newer row"'))).toEqual([true]);
    });

    it('a newer tombstone: a row that arrives is rejected, and is a conflict', async () => {
      await nodes.run(1, `UPDATE t SET v = 'loses'`);
      await nodes.run(2, `DELETE FROM t`);
      await nodes.flowAll();
      await expectEqual('t');
      expect(await conflicts(2)).toEqual([
        `(public.t,"[""1""]",1,2,"newer tombstone","{""v"": ""loses"", ""id"": ""1""}",)`,
      ]);
      expect([await conflicts(1), await conflicts(3)]).toEqual([[], []]);
    });

    it('a newer tombstone: a delete that arrives wanted the same', async () => {
      await nodes.run(1, `DELETE FROM t`);
      await nodes.run(2, `DELETE FROM t`);
      await nodes.flow(2, 3);
      await nodes.flow(1, 3);
      await nodes.flowAll();
      await expectEqual('t');
      for (const number of [1, 2, 3]) expect(await conflicts(number)).toEqual([]);
      expect(await nodes.rows(3, 'SELECT node FROM windlass.tombstone')).toEqual(['(2)']);
    });

    it('nothing: an update inserts the row, and a delete that overtook the insert is remembered', async () => {
      await nodes.run(1, `INSERT INTO t VALUES (2, 'a'), (3, 'a')`);
      await nodes.flow(1, 2);
      await nodes.run(2, `UPDATE t SET v = 'b' WHERE id = 2; DELETE FROM t WHERE id = 3`);
      await nodes.flow(2, 3);
      expect(await nodes.rows(3, 'SELECT * FROM t')).toEqual(['(1,old)', '(2,b)']);
      await nodes.flowAll();
      await expectEqual('t', '(1,old)', '(2,b)');
      for (const number of [1, 2, 3]) expect(await conflicts(number)).toEqual([]);
    });

    it('a tombstone that is not newer: a row is written, and it gets newer by a delete', async () => {
      await nodes.run(1, `DELETE FROM t`);
      await nodes.flowAll();
      await nodes.run(2, `INSERT INTO t VALUES (1, 'again')`);
      await nodes.flowAll();
      await expectEqual('t', '(1,again)');
      await nodes.run(3, `DELETE FROM t`);
      await nodes.flowAll();
      await expectEqual('t');
      expect(await nodes.rows(1, 'SELECT node FROM windlass.tombstone')).toEqual(['(3)']);
    });

    it('TRUNCATE removes what is not newer, and what arrives later and is older', async () => {
      await nodes.run(3, `INSERT INTO t VALUES (3, 'older')`);
      await nodes.run(1, `TRUNCATE t`);
      await nodes.run(2, `INSERT INTO t VALUES (2, 'newer')`);
      await nodes.flow(1, 2);
      await nodes.flow(3, 2);
      expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(2,newer)']);
      await nodes.flowAll();
      await expectEqual('t', '(2,newer)');
      expect((await conflicts(1)).map((one) => one.includes('3,1,"newer tombstone"'))).toEqual([true]);
    });

    it('of equal times the node with the higher number is newer', async () => {
      await nodes.run(1, `UPDATE t SET v = 'one'`);
      await nodes.run(2, `UPDATE t SET v = 'two'`);
      const [one, two] = [await nodes.eventsOf(1, 3), await nodes.eventsOf(2, 3)];
      const [begin] = one;
      if (begin?.kind !== 'begin') throw new Error('no transaction');
      const at = (events: readonly SourceEvent[]): SourceEvent[] =>
        events.map((event) => (event.kind === 'begin' ? { ...event, commitTime: begin.commitTime } : event));
      await nodes.give(2, 3, at(two));
      await nodes.give(1, 3, at(one));
      expect(await nodes.rows(3, 'SELECT * FROM t')).toEqual(['(1,two)']);
      await nodes.run(3, 'DELETE FROM t');
    });
  });

  it('a row that was written over a delete nobody could see yet is removed at the second look', async () => {
    await nodes.begin(T);
    await nodes.run(1, `INSERT INTO t VALUES (1, 'old')`);
    await nodes.flowAll();
    await nodes.run(1, `UPDATE t SET v = 'loses'`);
    const events = await nodes.eventsOf(1, 2);
    await nodes.run(2, `BEGIN; DELETE FROM t`);
    const given = nodes.give(1, 2, events);
    await nodes.untilWaitingForLock(2);
    await nodes.run(2, `COMMIT`);
    await given;
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual([]);
    expect((await conflicts(2)).map((one) => one.includes('1,2,"newer tombstone"'))).toEqual([true]);
    await nodes.flowAll();
    await expectEqual('t');
  });

  it('a delete that found nothing looks again when a commit is seen that is older', async () => {
    await nodes.begin(T);
    const other = await nodes.node(2).server.client(nodes.node(2).database);
    await other.query(`SET synchronous_commit = on; SET application_name = 'unseen'`);
    await nodes.run(2, `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
    await nodes.run(2, 'SELECT pg_reload_conf()');
    await other.query('SELECT pg_sleep(0.1)');
    const unseen = other.query(`INSERT INTO t VALUES (1, 'unseen')`);
    await nodes.until(2, `SELECT FROM pg_stat_activity WHERE application_name = 'unseen' AND wait_event = 'SyncRep'`);
    await nodes.run(1, `BEGIN; INSERT INTO t VALUES (1, 'x'); DELETE FROM t; COMMIT`);
    const { applier } = nodes.node(2);
    await applier.take(1, await nodes.eventsOf(1, 2));
    await nodes.until(2, `SELECT FROM windlass.late_recheck`);
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual([]);
    await nodes.run(2, `ALTER SYSTEM RESET synchronous_standby_names`);
    await nodes.run(2, 'SELECT pg_reload_conf()');
    await unseen;
    await nodes.until(2, `SELECT WHERE NOT EXISTS (SELECT FROM windlass.late_recheck)`);
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual([]);
    await nodes.flowAll();
    await expectEqual('t');
  });
});
