import { setTimeout as sleep } from 'node:timers/promises';
import { accept, call, completed, database, done, get, remove, type Task } from './client.ts';
import { SeveralNodes } from './several-nodes.ts';
import { HOST, processCommand, until } from './stack.ts';

const ID = 'nodes-status';
const URL = `/v1/databases/${ID}`;
const db = new SeveralNodes(ID);
const app = { username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] };
const nodes = ['n1', 'n2'].map((name) => ({ name, host_ids: [HOST] }));
const spec = { database_name: 'shop', port: 0, database_users: [app], nodes };

/** For how long etcd and Temporal are away: longer than Patroni goes without asking etcd. WINDLASS_AWAY_S=300: five minutes. */
const AWAY_MS = Number(process.env['WINDLASS_AWAY_S'] ?? 25) * 1000;

interface Pair {
  readonly node: string;
  readonly from: string;
  readonly state: string;
  readonly lag_bytes?: number;
  readonly stopped_at?: string;
  readonly clock_offset_ms?: number;
  readonly slot?: { readonly active: boolean; readonly retained_bytes?: number };
}
const pairs = async (): Promise<readonly Pair[]> => (await get<{ pairs: Pair[] }>(`${URL}/replication`)).pairs;
const pair = async (node: string): Promise<Pair | undefined> => (await pairs()).find((one) => one.node === node);
const conditions = async (): Promise<string[]> =>
  (((await database(ID)) as { conditions?: { type: string }[] }).conditions ?? []).map(({ type }) => type);

/** What has an origin is taken for a peer's, and not sent. */
const OF_NOBODY = [
  `DO \\$\\$ BEGIN PERFORM pg_replication_origin_create('nobody'); EXCEPTION WHEN duplicate_object THEN NULL; END \\$\\$`,
  `SELECT pg_replication_origin_session_setup('nobody')`,
];

/** As the superuser, on one node only: nothing of it replicates. */
async function alone(node: string, text: string): Promise<void> {
  const { id } = await db.primaryOf(node);
  await db.inside(id, 'SET session_replication_role = replica', ...OF_NOBODY, text);
}
const task = (path: string, body: object): Promise<Task> => accept('POST', `${URL}/${path}`, body);

beforeAll(async () => {
  await done(ID, 'POST', '/v1/databases', { id: ID, spec }, 400_000);
  for (const name of ['n1', 'n2'])
    await db.sql(name, 'CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, v text)').catch(() => undefined);
}, 480_000);
afterAll(async () => {
  await db.close();
  await remove(ID).catch(() => undefined);
});

test('both directions are told with everything, and primaries show them as subscriptions', async () => {
  expect((await database(ID)).state).toBe('available');
  const found = await until('clocks to be measured', async () => {
    const all = await pairs();
    return all.every(({ clock_offset_ms: ms }) => ms !== undefined) && all;
  });
  expect(found).toMatchObject(
    [
      ['n1', 'n2'],
      ['n2', 'n1'],
    ].map(([node, from]) => ({ node, from, state: 'replicating', slot: { exists: true, active: true } })),
  );
  const instances = (await db.instances()) as unknown as { node_name: string; spock?: object }[];
  expect(instances.find((one) => one.node_name === 'n1')?.spock).toEqual({
    read_only: 'off',
    subscriptions: [{ provider_node: 'n2', name: 'sub_n2_n1', status: 'replicating' }],
  });
});

test('a conflict is told, once, and its rows to those who ask for them', async () => {
  await db.sql('n1', `INSERT INTO t VALUES (1, 'first')`);
  await db.equal('t');
  for (let i = 0; i < 20; i += 1)
    await Promise.all(['n1', 'n2'].map((name) => db.sql(name, `UPDATE t SET v = '${name} ${String(i)}' WHERE id = 1`)));
  await db.equal('t');
  const { conflicts } = await until('a conflict', async () => {
    const answer = await get<{ conflicts: Record<string, unknown>[] }>(`${URL}/conflicts`);
    return answer.conflicts.length > 0 && answer;
  });
  expect(conflicts[0]).toMatchObject({ table: 'public.t', key: ['1'], lost_to: 'newer row' });
  expect(conflicts[0]).not.toHaveProperty('rejected_row');
  const rows = await get<{ conflicts: unknown[] }>(`${URL}/conflicts?rows=true&limit=1&table=public.t`);
  expect(rows).toMatchObject({ conflicts: [{ rejected_row: { id: '1' } }] });
});

test('compare finds what differs, and repairs it from the node that is right', async () => {
  await db.sql('n1', `INSERT INTO t SELECT i, 'row' FROM generate_series(10, 500) i`);
  await db.equal('t');
  await completed(ID, await task('compare', {}), 120_000);
  expect(await get(`${URL}/compare`)).toMatchObject({ equal: true, nodes: ['n1', 'n2'], differences: [] });
  await alone('n2', `UPDATE public.t SET v = 'planted' WHERE id = 77`);
  await completed(ID, await task('compare', { tables: ['public.t'] }), 120_000);
  expect(await get(`${URL}/compare`)).toMatchObject({
    ...{ equal: false, differing_tables: ['public.t'] },
    differences: [{ table: 'public.t', what: 'row', key: ['77'], nodes: [{ node: 'n1' }, { node: 'n2' }] }],
  });
  expect(await conditions()).toContain('nodes_differ');
  await completed(ID, await task('compare', { repair_from: 'n1' }), 120_000);
  expect(await get(`${URL}/compare`)).toMatchObject({ equal: true, repaired: 1, left: [] });
  expect(await db.sql('n2', 'SELECT v FROM t WHERE id = 77')).toEqual([{ v: 'row' }]);
  expect(await conditions()).not.toContain('nodes_differ');
}, 300_000);

test('a stream that stops is told within 5 s with what to do, and goes on after a skip, which is in the log of its task', async () => {
  await alone('n2', 'ALTER TABLE public.t RENAME TO t_away');
  const begun = Date.now();
  await db.sql('n1', `INSERT INTO t VALUES (1000, 'cannot be applied')`);
  const stopped = await until('the stream to stop', async () => {
    const found = await pair('n2');
    return found?.state === 'stopped' && found;
  });
  const seenAfterMs = Date.now() - begun;
  expect(await conditions()).toContain('replication_stopped');
  expect((await database(ID)).state).toBe('degraded');
  await alone('n2', 'ALTER TABLE public.t_away RENAME TO t');
  // It goes on by itself now; one that cannot be made right is skipped.
  await until('the stream to go on', async () => (await pair('n2'))?.state === 'replicating');
  expect(stopped.stopped_at).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  expect(seenAfterMs).toBeLessThan(5000 + 1000); // and what the replicator needs to be sure of it
});

test('the last way out: a transaction is left out', async () => {
  await alone('n2', 'ALTER TABLE public.t RENAME TO t_away');
  await db.sql('n1', `INSERT INTO t VALUES (2000, 'left out')`);
  const lsn = await until('the stream to stop', async () => {
    const found = await pair('n2');
    return found?.state === 'stopped' && found.stopped_at;
  });
  const wrong = await task('nodes/n2/skip', { peer: 'n1', lsn: '0/1' });
  await expect(completed(ID, wrong, 60_000)).rejects.toThrow(/is not stopped at 0\/1 of 'n1'/);
  const skip = await task('nodes/n2/skip', { peer: 'n1', lsn });
  await completed(ID, skip, 90_000);
  const { entries } = await get<{ entries: { message: string }[] }>(`${URL}/tasks/${skip.task_id}/log`);
  expect(entries.map(({ message }) => message).join('\n')).toContain(`leaves out the transaction of 'n1' at ${lsn}`);
  await completed(ID, await task('nodes/n2/skip', { peer: 'n1', lsn }), 60_000); // once more changes nothing
  await alone('n2', 'ALTER TABLE public.t_away RENAME TO t');
  await db.sql('n1', `INSERT INTO t VALUES (2001, 'after it')`);
  await until('what came after it', async () => (await db.sql('n2', 'SELECT 1 FROM t WHERE id = 2001')).length === 1);
  expect(await db.sql('n2', 'SELECT 1 FROM t WHERE id = 2000')).toEqual([]);
  await until('it to be available', async () => (await database(ID)).state === 'available');
}, 300_000);

test(
  'etcd and Temporal are away: rows go on to all nodes, which say so, and nothing is told that is not known',
  async () => {
    const NODES = ['n1', 'n2'];
    await db.sql('n1', 'CREATE TABLE away (id int PRIMARY KEY, v text)');
    await until(
      'the table to be everywhere',
      async () => (await db.sql('n2', `SELECT to_regclass('away') IS NOT NULL AS t`))[0]?.['t'],
    );
    for (const name of NODES) await db.sql(name, 'SELECT'); // while they are away nobody says where a primary is
    processCommand('kill', 'temporal');
    processCommand('kill', 'etcd');
    const longest = { ms: 0 };
    let rounds = 0;
    try {
      for (const end = Date.now() + AWAY_MS; Date.now() < end; rounds += 1) {
        const begun = Date.now();
        for (const name of NODES) await db.sql(name, `INSERT INTO away SELECT ${String(rounds)} * 2 + right('${name}', 1)::int, '${name}'`); // prettier-ignore
        for (const name of NODES)
          await until(`round ${String(rounds)} to be at ${name}`, async () => {
            const [row] = await db.sql<{ rows: number }>(name, 'SELECT count(*)::int AS rows FROM away');
            return row?.rows === 2 * (rounds + 1);
          });
        longest.ms = Math.max(longest.ms, Date.now() - begun);
        await sleep(500);
      }
      expect(await db.sql('n1', 'SELECT name, state FROM windlass.peers()')).toEqual([
        { name: 'n2', state: 'streaming' },
      ]);
      expect((await call('GET', `${URL}/replication`)).status).toBe(503);
    } finally {
      processCommand('start', 'etcd');
      processCommand('start', 'temporal');
    }
    process.stdout.write(`etcd and Temporal away for ${String(AWAY_MS / 1000)} s: a row of each node at the other after ${String(longest.ms)} ms at most\n`); // prettier-ignore
    expect(longest.ms).toBeLessThan(5000);
    await until('it to be available', async () => (await database(ID)).state === 'available', 60_000);
    expect((await pairs()).map(({ state }) => state)).toEqual(['replicating', 'replicating']);
    expect(await db.equal('away')).toHaveLength(2 * rounds);
    await completed(ID, await task('compare', { tables: ['public.away'] }), 120_000);
    expect(await get(`${URL}/compare`)).toMatchObject({ equal: true });
  },
  AWAY_MS + 240_000,
);
