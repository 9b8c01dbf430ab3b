import { formatLsn } from '../source/postgres/index.ts';
import { Cluster } from '../testing/cluster/cluster.ts';
import { WindlassReplication } from '../testing/cluster/windlass-replication.ts';
import { ANY_MAJOR } from '../testing/real-postgres.ts';
import { until } from '../testing/until.ts';

const NODES = [1, 2, 3];

describe.each(ANY_MAJOR)('replicators of three nodes with Postgres %i', (major) => {
  let cluster: Cluster;
  let replicators: WindlassReplication;
  beforeAll(async () => {
    cluster = await Cluster.start({ majors: [major, major, major] });
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    await cluster.begin();
    await cluster.everywhere(() => 'CREATE TABLE t (id int PRIMARY KEY, v text)');
    replicators = new WindlassReplication();
    await replicators.start(cluster);
  });
  afterEach(() => replicators.stop());

  const write = (node: number, sql: string) => cluster.query(node, sql);
  const rows = async (node: number): Promise<string> =>
    String((await cluster.query(node, `SELECT string_agg(id || v, ' ' ORDER BY id) AS all FROM t`))[0]?.['all']);
  const everywhere = async (expected: string, nodes = NODES): Promise<void> => {
    for (const node of nodes) await until(async () => (await rows(node)) === expected, 20_000, replicators.describe);
  };

  it('what is written on any node is on all', async () => {
    await Promise.all(NODES.map((node) => write(node, `INSERT INTO t VALUES (${String(node)}, 'a')`)));
    await everywhere('1a 2a 3a');
    await write(1, `UPDATE t SET v = 'b' WHERE id = 2; DELETE FROM t WHERE id = 3`);
    await everywhere('1a 2b');
  });

  it('a hundred broken connections change nothing', async () => {
    for (let i = 0; i < 100; i += 1) {
      await write(1, `INSERT INTO t VALUES (${String(i)}, 'a')`);
      await until(async () => (await cluster.query(2, `SELECT FROM t WHERE id = ${String(i)}`)).length === 1);
      for (const [from, to] of cluster.pairs) cluster.link(from, to).break();
    }
    await cluster.drained();
    expect((await cluster.compare({ withVersions: true })).equal).toBe(true);
    expect(replicators.peer(2, 1).connects).toBeGreaterThan(99);
  }, 300_000);

  it('a peer that is away holds up nobody, and is back within a second', async () => {
    cluster.link(1, 2).refuse();
    await until(() => replicators.conditions(1).includes('peer_unreachable 2'));
    await write(3, `INSERT INTO t VALUES (3, 'a')`);
    await write(2, `INSERT INTO t VALUES (2, 'a')`);
    await until(async () => (await rows(1)) === '3a');
    await everywhere('2a 3a', [2, 3]);
    cluster.heal();
    await until(() => replicators.peer(1, 2).state === 'streaming', 1000);
    await everywhere('2a 3a');
  });

  it('a peer that says nothing any more is noticed, and goes on where it was', async () => {
    cluster.link(1, 2).silence();
    await write(2, `INSERT INTO t VALUES (2, 'a')`);
    await until(() => replicators.peer(1, 2).state !== 'streaming', 15_000);
    cluster.heal();
    await everywhere('2a');
  });

  it('goes on when every session of its own server is ended, and when a postmaster is killed', async () => {
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'windlass%'`;
    for (let i = 0; i < 5; i += 1) {
      await write(1, `INSERT INTO t VALUES (${String(i)}, 'a')`);
      await write(2, end);
    }
    await everywhere('0a 1a 2a 3a 4a');
    await cluster.node(2).server.kill();
    await until(() => replicators.conditions(2).includes('own_unreachable'));
    await write(1, `INSERT INTO t VALUES (7, 'a')`);
    await cluster.node(2).server.rise();
    await everywhere('0a 1a 2a 3a 4a 7a');
    await until(() => replicators.conditions(2).length === 0, 10_000, replicators.describe);
  });

  it('goes on with a peer that begins a new timeline, as after a failover', async () => {
    await write(1, `INSERT INTO t VALUES (1, 'a')`);
    await everywhere('1a');
    await write(1, `COPY (SELECT 1) TO PROGRAM 'cat >/tmp/data/standby.signal'`);
    await cluster.node(1).server.kill();
    await cluster.node(1).server.rise();
    expect(await write(1, 'SELECT pg_promote() AS done')).toEqual([{ done: true }]);
    await write(1, `INSERT INTO t VALUES (2, 'a')`);
    await write(2, `INSERT INTO t VALUES (3, 'a')`);
    await everywhere('1a 2a 3a');
    expect(await write(2, 'SELECT peer, timeline > 1 AS later FROM windlass.peer_timeline WHERE peer = 1')).toEqual([
      { peer: 1, later: true },
    ]);
    expect(replicators.conditions(2)).toEqual([]);
  });

  it('confirms to a peer only what is committed here', async () => {
    const confirmed = async (): Promise<unknown> =>
      (
        await cluster.query(
          1,
          `SELECT confirmed_flush_lsn AS at FROM pg_replication_slots WHERE slot_name = 'windlass_n2'`,
        )
      )[0]?.['at'];
    await until(() => replicators.peer(2, 1).lastCommitTime !== undefined);
    const user = await cluster.node(2).server.client(cluster.database);
    await user.query('BEGIN; LOCK TABLE t');
    await write(1, `INSERT INTO t VALUES (1, 'a')`);
    const [{ at } = {}] = await cluster.query(1, 'SELECT pg_current_wal_lsn() AS at');
    await everywhere('1a', [1, 3]);
    const { connects } = replicators.peer(2, 1);
    await until(() => (replicators.peer(2, 1).lagMs ?? 0) > 2500, 10_000);
    const [{ before } = {}] = await cluster.query(
      1,
      `SELECT '${String(await confirmed())}'::pg_lsn < '${String(at)}' AS before`,
    );
    expect([before, replicators.peer(2, 1).connects]).toEqual([true, connects]);
    await user.query('ROLLBACK');
    await everywhere('1a');
    await until(async () => {
      const [{ after } = {}] = await cluster.query(
        1,
        `SELECT '${String(await confirmed())}'::pg_lsn > '${String(at)}' AS after`,
      );
      return after === true;
    });
  });

  it('tells others the time of an idle node, so that slots and progress move', async () => {
    const heard = async (): Promise<unknown> =>
      (await cluster.query(2, 'SELECT at FROM windlass.heartbeat WHERE node = 1'))[0]?.['at'];
    await until(heard);
    const first = String(await heard());
    await until(async () => String(await heard()) !== first);
    await until(() => (replicators.peer(2, 1).lastCommitTime ?? 0) > Date.now() * 1000 - 5_000_000);
  });

  it('stops where a table is missing, says it, and goes on when somebody has made it', async () => {
    await write(1, `CREATE TABLE only_here (id int PRIMARY KEY); INSERT INTO only_here VALUES (1)`);
    await write(1, `INSERT INTO t VALUES (1, 'a')`);
    await write(3, `INSERT INTO t VALUES (3, 'a')`);
    await until(() => replicators.conditions(2).includes('apply_stopped 1'), 5000, replicators.describe);
    await until(
      async () => (await rows(2)) === '3a',
      5000,
      () => [replicators.describe()],
    );
    expect(replicators.peer(2, 1)).toMatchObject({ state: 'stopped', waitsFor: expect.stringContaining('only_here') });
    await write(2, 'CREATE TABLE only_here (id int PRIMARY KEY)');
    await until(async () => (await rows(2)) === '1a 3a', 10_000);
    const { stoppedAt } = replicators.peer(3, 1);
    await write(
      3,
      `INSERT INTO windlass.skipped (peer, lsn, recorded_by) VALUES (1, '${formatLsn(stoppedAt ?? 0n)}', 'me')`,
    );
    await until(
      async () => (await rows(3)) === '1a 3a',
      10_000,
      () => replicators.of(3).status,
    );
    expect(await cluster.query(2, 'SELECT id FROM only_here')).toEqual([{ id: 1 }]);
    await until(() => replicators.conditions(3).length + replicators.conditions(2).length === 0);
  });

  it('a slot that is gone is seen within 5 s on both sides, and is never made again', async () => {
    await until(() => replicators.of(1).status.slots.every(({ active }) => active));
    cluster.link(2, 1).refuse();
    await until(
      () => replicators.of(1).status.slots.some((one) => one.peer === 2 && one.exists && !one.active),
      5000,
      () => replicators.of(1).status,
    );
    await write(1, `SELECT pg_drop_replication_slot('windlass_n2')`);
    cluster.heal();
    await until(() => replicators.conditions(1).includes('slot_lost 2'), 5000);
    await until(() => replicators.conditions(2).includes('must_be_rebuilt 1'), 5000);
    await write(1, `INSERT INTO t VALUES (1, 'a')`);
    await everywhere('1a', [1, 3]);
    expect(await rows(2)).toBe('null');
    expect(replicators.peer(2, 3).state).toBe('streaming');
  });

  it('one process replicates for a node; the other waits until it is gone', async () => {
    const first = replicators.of(1);
    replicators.begin(1);
    await until(() => replicators.conditions(1).includes('another_replicator'));
    await first.kill();
    await replicators.streaming();
    expect(replicators.conditions(1)).toEqual([]);
  });

  it('is killed in the middle of load on every node, again and again, and all end equal', async () => {
    let i = 0;
    const over = AbortSignal.timeout(10_000);
    const writers = NODES.map(async (node) => {
      while (!over.aborted) {
        const id = String((i += 1) % 50);
        await write(
          node,
          `INSERT INTO t VALUES (${id}, 'n${String(node)}') ON CONFLICT (id) DO UPDATE SET v = 'u${String(i)}'`,
        );
        await write(node, `DELETE FROM t WHERE id = ${String((i * 7) % 50)}`);
      }
    });
    while (!over.aborted) for (const node of NODES) await replicators.restart(node, 200);
    await Promise.all(writers);
    await cluster.drained();
    expect((await cluster.compare({ withVersions: true })).equal).toBe(true);
  });
});
