import { Cluster } from '../testing/cluster/cluster.ts';
import { WindlassReplication } from '../testing/cluster/windlass-replication.ts';
import { until } from '../testing/until.ts';

/** What users call on nodes that replicate; alike in all versions. */
describe('events and keys of three nodes', () => {
  let cluster: Cluster;
  let replicators: WindlassReplication;
  beforeAll(async () => {
    cluster = await Cluster.start({ majors: [17, 15, 18] });
    await cluster.begin();
    await cluster.everywhere(
      () =>
        'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE old (id serial PRIMARY KEY); INSERT INTO old VALUES (70)',
    );
    replicators = new WindlassReplication();
    await replicators.start(cluster);
  });
  afterAll(async () => {
    await replicators.stop();
    await cluster.stop();
  });
  const query = (node: number, sql: string) => cluster.query(node, sql);
  const eventOf = async (node: number, schema = 'windlass'): Promise<string> =>
    String((await query(node, `SELECT ${schema}.sync_event()::text AS lsn`))[0]?.['lsn']);
  const wait = async (node: number, origin: string, lsn: string, timeout = 20): Promise<unknown> =>
    (await query(node, `CALL windlass.wait_for_sync_event(true, '${origin}', '${lsn}', ${String(timeout)})`))[0]?.[
      'result'
    ];

  it('an event arrives at once where nothing else is written, long before a heartbeat', async () => {
    const took: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const lsn = await eventOf(1, i % 2 === 0 ? 'windlass' : 'spock');
      const began = performance.now();
      expect(await wait(2, 'n1', lsn)).toBe(true);
      took.push(performance.now() - began);
    }
    expect(took.sort((a, b) => a - b)[4]).toBeLessThan(400);
  });

  it('true means that what was committed before is visible', async () => {
    for (let i = 1; i <= 8; i += 1) {
      await query(1, `INSERT INTO t VALUES (${String(i)})`);
      const lsn = await eventOf(1);
      for (const node of [2, 3]) {
        expect(await wait(node, 'n1', lsn)).toBe(true);
        expect(await query(node, `SELECT FROM t WHERE id = ${String(i)}`)).toHaveLength(1);
      }
    }
  });

  it('an event that is not committed is passed by the heartbeat that follows it', async () => {
    const client = await cluster.node(1).server.client(cluster.database);
    const { rows } = await client
      .query<{ lsn: string }>('BEGIN; SELECT 1')
      .then(() => client.query('SELECT spock.sync_event()::text AS lsn'));
    expect(await wait(2, 'n1', rows[0]?.lsn ?? '')).toBe(true);
    await client.query('ROLLBACK');
  });

  it('while it cannot be applied a wait ends with its time', async () => {
    const client = await cluster.node(2).server.client(cluster.database);
    await client.query('BEGIN; LOCK TABLE t');
    await query(1, 'INSERT INTO t VALUES (100)');
    const lsn = await eventOf(1);
    expect([await wait(2, 'n1', lsn, 1), await wait(3, 'n1', lsn)]).toEqual([false, true]);
    await client.query('ROLLBACK');
    expect(await wait(2, 'n1', lsn)).toBe(true);
  });

  it('a node says how it stands with its peers, also in the words of Spock', async () => {
    await until(async () => {
      const rows = await query(1, `SELECT subscription_name AS sub, status FROM spock.sub_show_status()`);
      return (
        JSON.stringify(rows) ===
        JSON.stringify([
          { sub: 'sub_n2_n1', status: 'replicating' },
          { sub: 'sub_n3_n1', status: 'replicating' },
        ])
      );
    });
    await until(async () => {
      const [lag] = await query(
        1,
        `SELECT bool_and(replication_lag_bytes < 1000 AND replication_lag < '5 s' AND now() - commit_timestamp < '5 s'
        AND commit_lsn > '0/1') AS small FROM spock.lag_tracker`,
      );
      return lag?.['small'];
    });
    cluster.link(1, 2).refuse();
    await until(
      async () =>
        (await query(1, `SELECT FROM windlass.node_status WHERE number = 2 AND state = 'retrying' AND waits_for <> ''`))
          .length === 1,
    );
    expect(await query(1, `SELECT status FROM spock.sub_show_status('sub_n2_n1')`)).toEqual([{ status: 'down' }]);
    cluster.heal();
    await until(() => replicators.peer(1, 2).state === 'streaming');
  });

  it('an old sequence is moved on all nodes by a word on one, and said until then', async () => {
    await until(() => replicators.conditions(2).includes('sequences_collide'));
    await query(1, 'SELECT * FROM windlass.make_sequences_distinct(headroom => 1000)');
    const made = async (node: number): Promise<number> =>
      Number((await query(node, 'INSERT INTO old DEFAULT VALUES RETURNING id'))[0]?.['id']);
    for (const node of [1, 2, 3])
      await until(async () => (await query(node, 'SELECT FROM windlass.colliding_sequences()')).length === 0, 10_000);
    const ids = [];
    for (let i = 0; i < 5; i += 1) for (const node of [1, 2, 3]) ids.push(await made(node));
    expect([new Set(ids).size, Math.min(...ids)]).toEqual([15, 1073]);
    const [all] = await query(1, `SELECT count(DISTINCT windlass.id_node(windlass.next_id())) AS n FROM t`);
    expect(all).toEqual({ n: '1' });
  });
});
