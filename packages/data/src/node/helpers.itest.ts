import { installedDatabases, NODE_1, userOf } from '../testing/installed-databases.ts';
import { ANY_MAJOR, RealPostgres } from '../testing/real-postgres.ts';
import { installNode, isSpockTaken } from './index.ts';

describe.each(ANY_MAJOR)('what users may call on node 1 with Postgres %i', (major) => {
  const its = installedDatabases(major);
  const one = async (text: string, who = its.user): Promise<unknown> =>
    (await who.query({ text, rowMode: 'array' })).rows[0];
  const wait = (args: string): Promise<unknown> => one(`CALL windlass.wait_for_sync_event(true, ${args})`);
  const readsFrom2 = (): Promise<unknown> =>
    its.admin.query(
      `SELECT pg_replication_origin_create('windlass_n2') WHERE NOT EXISTS (SELECT FROM pg_replication_origin WHERE roname = 'windlass_n2')`,
    );
  const readsNoMore = (): Promise<unknown> =>
    its.admin.query(
      `SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin WHERE roname = 'windlass_n2'`,
    );
  beforeEach(readsNoMore);

  it('a wait is for a node that is known, and read from', async () => {
    await expect(wait(`'n9', '0/1', 1`)).rejects.toMatchObject({ code: '42704', message: 'there is no node "n9"' });
    await expect(wait(`9::oid, '0/1', 1`)).rejects.toMatchObject({ code: '42704' });
    await expect(wait(`'n2', '0/1', 1`)).rejects.toMatchObject({
      code: '55000',
      message: 'this node does not read from node 2',
    });
    expect(await wait(`'n2', '0/1', 1, true`)).toEqual([false]);
    for (const bad of [
      `NULL::name, '0/1', 1`,
      `'n2', NULL, 1`,
      `'n2', '0/1', -1`,
      `'n2', '0/1', NULL`,
      `'n2', '0/1', 1, NULL`,
    ])
      await expect(wait(bad)).rejects.toThrow(/NULL|no node/);
  });

  it('it is over at the position, when the time is, or when nothing is read from there any more', async () => {
    await readsFrom2();
    expect(await wait(`'n2', '0/5', 1`)).toEqual([false]);
    await its.admin.query(`SELECT pg_replication_origin_advance('windlass_n2', '0/5')`);
    expect([await wait(`'n2', '0/5', 0`), await wait(`2::oid, '0/4'`), await wait(`'n2', '0/6', 1`)]).toEqual([
      [true],
      [true],
      [false],
    ]);
    const other = await userOf(its.server, its.database);
    const forEver = other.query({ text: `CALL spock.wait_for_sync_event(true, 'n2', '0/7', 0)`, rowMode: 'array' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await its.admin.query(`SELECT pg_replication_origin_advance('windlass_n2', '0/7')`);
    expect((await forEver).rows).toEqual([[true]]);
    const inVain = other.query(`CALL windlass.wait_for_sync_event(true, 'n2', '0/8', 0)`).catch((err: unknown) => err);
    await readsNoMore();
    expect(await inVain).toMatchObject({ code: '55000' });
  });

  it('of its own node nothing is missing', async () => {
    expect(await wait(`'n1', windlass.sync_event(), 0`)).toEqual([true]);
    expect(await wait(`'n1', pg_current_wal_insert_lsn() + 10000, 1`)).toEqual([false]);
  });

  it('a replica waits as its primary does, and sends no events', async () => {
    const server = await RealPostgres.start(major, { again: true });
    try {
      const database = await server.database();
      const admin = await server.client(database);
      await installNode(admin, NODE_1);
      await admin.query(
        `SELECT pg_replication_origin_create('windlass_n2'), pg_replication_origin_advance('windlass_n2', '0/5')`,
      );
      const lsn = String(((await one('SELECT windlass.sync_event()', admin)) as string[])[0]);
      await admin.query(`CHECKPOINT; COPY (SELECT 1) TO PROGRAM 'cat >/tmp/data/standby.signal'`);
      await server.kill();
      await server.rise();
      const replica = await server.client(database);
      expect(await one('SELECT pg_is_in_recovery()', replica)).toEqual([true]);
      const waits = (args: string): Promise<unknown> =>
        one(`CALL windlass.wait_for_sync_event(true, ${args}, 1)`, replica);
      expect([
        await waits(`'n2', '0/5'`),
        await waits(`'n2', '0/6'`),
        await waits(`'n1', '${lsn}'`),
        await waits(`'n1', 'F0000000/0'`),
      ]).toEqual([[true], [false], [true], [false]]);
      expect(await one('SELECT number, state FROM windlass.node_status', replica)).toEqual([2, 'no_replicator']);
      await expect(one('SELECT spock.sync_event()', replica)).rejects.toMatchObject({ code: '25006' });
    } finally {
      await server.stop();
    }
  });

  it('scripts for Spock find what they know', async () => {
    await readsFrom2();
    await its.user.query(
      'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)',
    );
    expect(await one(`SELECT spock.sync_event() <= spock.sync_event(true)`)).toEqual([true]);
    const known = await its.user.query<{
      name: string;
    }>(`SELECT t.set_reloid::text AS name FROM spock.replication_set_table t
      JOIN spock.replication_set s USING (set_id) WHERE s.set_name = 'default' AND s.replicate_insert AND set_row_filter IS NULL ORDER BY 1`);
    expect(known.rows.map(({ name }) => name)).toEqual(['p', 'p1', 't']);
    expect(await one('SELECT * FROM spock.sub_show_status()')).toEqual([
      'sub_n2_n1',
      'down',
      'n2',
      null,
      'windlass_n1',
      ['default'],
      [],
    ]);
    expect(await one(`SELECT status FROM spock.sub_show_status('sub_n2_n1')`)).toEqual(['down']);
    await expect(one(`SELECT * FROM spock.sub_show_status('sub_n3_n1')`)).rejects.toMatchObject({ code: '42704' });
    expect(
      await one(`SELECT s.sub_name, o.node_name, t.node_name, sub_enabled FROM spock.subscription s JOIN spock.node o ON o.node_id = s.sub_origin
      JOIN spock.node t ON t.node_id = s.sub_target JOIN spock.local_node l ON l.node_id = t.node_id`),
    ).toEqual(['sub_n2_n1', 'n2', 'n1', true]);
    expect(
      await one('SELECT origin_name, receiver_name, last_received_lsn, replication_lag_bytes FROM spock.lag_tracker'),
    ).toEqual(['n2', 'n1', '0/0', null]);
  });

  it('a state is told while the replicator tells it, and no longer', async () => {
    await readsFrom2();
    const status =
      'SELECT number, state, waits_for, applied_lsn, written_lsn, lag_bytes, lag_ms < 5000 FROM windlass.node_status';
    await its.admin.query(
      `INSERT INTO windlass.peer_status VALUES (2, 'streaming', NULL, '0/64', '0/0', now() - interval '3 s', 12, now())`,
    );
    await its.admin.query(`SELECT pg_replication_origin_advance('windlass_n2', '0/5A')`);
    await its.admin.query('GRANT pg_monitor TO alice');
    expect(await one(status)).toEqual([2, 'streaming', null, '0/5A', '0/64', '10', true]);
    expect(await one(`SELECT status FROM spock.sub_show_status()`)).toEqual(['replicating']);
    await its.admin.query(
      `UPDATE windlass.peer_status SET noted_at = now() - interval '11 s', last_commit_time = now() - interval '1 hour'`,
    );
    expect(await one(status)).toEqual([
      2,
      'no_replicator',
      'the replicator of this node does not run',
      '0/5A',
      null,
      null,
      false,
    ]);
    expect(await one(`SELECT status FROM spock.sub_show_status()`)).toEqual(['down']);
    await readsNoMore();
    expect(await one(status)).toBeUndefined();
    await its.admin.query(
      `UPDATE windlass.peer_status SET noted_at = now(), state = 'connecting'; REVOKE pg_monitor FROM alice`,
    );
    expect(await one(`SELECT status FROM spock.sub_show_status()`)).toEqual(['initializing']);
    await expect(one(status)).rejects.toMatchObject({ code: '42501' });
  });

  it("somebody else's schema spock is left alone, and ours is made when it is gone", async () => {
    const database = await its.server.database();
    const admin = await its.server.client(database);
    await admin.query(`GRANT CREATE ON DATABASE ${database} TO alice`);
    const user = await userOf(its.server, database);
    await user.query(`CREATE SCHEMA spock CREATE TABLE node (mine int)`);
    await installNode(admin, NODE_1);
    expect([
      await isSpockTaken(admin),
      (await user.query('SELECT * FROM spock.node')).fields.map(({ name }) => name),
    ]).toEqual([true, ['mine']]);
    await user.query('DROP SCHEMA spock CASCADE');
    await installNode(admin, NODE_1);
    expect([await isSpockTaken(admin), (await user.query('SELECT node_name FROM spock.node')).rows]).toEqual([
      false,
      [{ node_name: 'n1' }],
    ]);
    await installNode(admin, NODE_1);
  });

  it('ids are in the order of time, and say when and where they were made', async () => {
    const { rows } = await its.user.query<{ id: string; ms: number; node: number }>(
      `SELECT id, extract(epoch FROM clock_timestamp() - windlass.id_time(id)) * 1000 AS ms, windlass.id_node(id) AS node
       FROM (SELECT windlass.next_id() AS id FROM generate_series(1, 2000)) x`,
    );
    const ids = rows.map(({ id }) => BigInt(id));
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)));
    expect([new Set(ids).size, new Set(rows.map(({ node }) => node))]).toEqual([2000, new Set([1])]);
    expect(Math.max(...rows.map(({ ms }) => Math.abs(ms)))).toBeLessThan(100);
  });

  it('many sessions make no id twice, also where the clock is behind what was given', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, () => userOf(its.server, its.database)));
    const seen = new Set<string>();
    for (const ahead of [0, 2000 * 65536]) {
      await its.admin.query(`SELECT setval('windlass.id_clock', last_value + $1::bigint) FROM windlass.id_clock`, [
        ahead,
      ]);
      const made = await Promise.all(
        sessions.map((user) =>
          user.query<{ id: string }>('SELECT windlass.next_id() AS id FROM generate_series(1, 2000)'),
        ),
      );
      for (const { rows } of made) for (const { id } of rows) seen.add(id);
    }
    expect(seen.size).toBe(2 * 8 * 2000);
  });

  it('are refused where the number of the node has no room', async () => {
    await its.admin.query('UPDATE windlass.local SET node = 64');
    await expect(one('SELECT windlass.next_id()')).rejects.toMatchObject({ code: '54000' });
    await its.admin.query('UPDATE windlass.local SET node = 1');
  });

  it('nobody is kept waiting by a user, nor by who rolls back', async () => {
    const holder = await userOf(its.server, its.database);
    await holder.query('BEGIN; SELECT windlass.next_id(), windlass.sync_event()');
    await expect(holder.query('LOCK TABLE windlass.id_lock')).rejects.toMatchObject({ code: '42501' });
    expect(await one('SELECT windlass.next_id() > 0')).toEqual([true]);
    await holder.query('ROLLBACK');
  });
});
