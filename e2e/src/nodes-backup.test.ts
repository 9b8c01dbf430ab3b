import { accept, completed, done, get, logOf, remove } from './client.ts';
import { cancelIn } from './hang-in.ts';
import { originOf, REPOSITORY } from './restore-client.ts';
import { SeveralNodes } from './several-nodes.ts';
import { HOST } from './stack.ts';

const [ID, LATER] = ['nodes-backup', 'nodes-restored'];
const [db, later] = [new SeveralNodes(ID), new SeveralNodes(LATER)];
const app = { username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] };
const spec = (names: readonly string[], more: object = {}) => ({
  ...{ database_name: 'shop', port: 0, database_users: [app] },
  nodes: names.map((name) => ({ name, host_ids: [HOST] })),
  ...more,
});
const backups = { backup_config: { repositories: [REPOSITORY] } };
const LEFT = `SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_origin)
  + (SELECT count(*) FROM pg_event_trigger) + (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal) AS left`;

afterAll(async () => {
  await Promise.all([db.close(), later.close()]);
  for (const id of [ID, LATER]) await remove(id).catch(() => undefined);
});

test('a backup of a node of several begins a database with one node, to which others come', async () => {
  await done(ID, 'POST', '/v1/databases', { id: ID, spec: spec(['n1', 'n2'], backups) }, 180_000);
  await db.sql('n1', 'CREATE TABLE t (id bigint PRIMARY KEY DEFAULT windlass.next_id(), v text)');
  await db.sql('n1', 'CREATE TABLE plain (id int PRIMARY KEY)');
  await db.equal('plain');
  for (const node of ['n1', 'n2']) await db.sql(node, `INSERT INTO t (v) SELECT '${node}' FROM generate_series(1, 50)`);
  await db.sql('n2', 'INSERT INTO plain SELECT generate_series(1, 100)');
  await db.equal('plain');
  expect(await db.equal('t')).toHaveLength(100);
  await done(ID, 'POST', `/v1/databases/${ID}/nodes/n2/backups`, { type: 'full' }, 120_000);
  await db.sql('n1', `INSERT INTO t (v) VALUES ('after the backup')`);
  await db.equal('t');

  const origin = { ...originOf(ID), source_node_name: 'n2' };
  const created = await accept('POST', '/v1/databases', { id: LATER, spec: spec(['n1'], { restore_config: origin }) });
  await completed(LATER, created, 180_000);
  const told = (await logOf(LATER, created)).filter((line) => line.includes("schema 'windlass'"));
  expect(told.join()).toContain('stays, as it is used: default value for column id of table public.t');
  const { id: first } = await later.primaryOf('n1');
  expect(await later.sql('n1', 'SELECT count(*)::int AS rows FROM t')).toEqual([{ rows: 101 }]);
  expect(await later.inside(first, LEFT)).toBe('0\n');
  await later.sql('n1', `INSERT INTO t (v) VALUES ('restored')`);

  await done(
    LATER,
    'POST',
    `/v1/databases/${LATER}`,
    { spec: spec(['n1', 'n2'], { restore_config: origin }) },
    180_000,
  );
  for (const node of ['n1', 'n2']) await later.sql(node, `INSERT INTO t (v) VALUES ('again')`);
  await later.sql('n2', 'DELETE FROM plain WHERE id > 90');
  expect(await later.equal('t')).toHaveLength(104);
  expect(await later.equal('plain')).toHaveLength(90);
}, 600_000);

test('the nodes are restored in place together, which is undone, and one that has gone astray is made anew', async () => {
  const count = (node: string): Promise<unknown> => db.sql(node, 'SELECT count(*)::int AS rows FROM t');
  const [before] = await Promise.all(['n1', 'n2'].map((node) => db.primaryOf(node)));
  await db.sql('n2', `INSERT INTO t (v) VALUES ('lost by the restore')`);
  expect(await db.equal('t')).toHaveLength(102);

  const restore_config = { ...originOf(ID), source_node_name: 'n2', restore_options: { type: 'immediate' } };
  const path = `/v1/databases/${ID}`;
  await db.close();
  await done(ID, 'POST', `${path}/restore`, { restore_config }, 240_000);
  expect((await db.primaryOf('n1')).id).toBe(before?.id);
  expect(await db.equal('t')).toHaveLength(100);
  for (const node of ['n1', 'n2']) await db.sql(node, `INSERT INTO t (v) VALUES ('after the restore')`);
  expect(await db.equal('t')).toHaveLength(102);

  await db.close();
  await done(ID, 'POST', `${path}/restore:undo`, {}, 240_000);
  expect([await db.equal('t'), await count('n2')]).toMatchObject([{ length: 102 }, [{ rows: 102 }]]);
  expect(await db.sql('n2', `SELECT v FROM t WHERE v ~ 'the restore' ORDER BY v`)).toEqual([
    { v: 'lost by the restore' },
  ]);
  await db.sql('n2', 'DELETE FROM plain WHERE id > 95');
  expect(await db.equal('plain')).toHaveLength(95);

  // What comes from an origin is sent to nobody.
  const { id: second } = await db.primaryOf('n2');
  const astray = `SELECT pg_replication_origin_create('astray'); SELECT pg_replication_origin_session_setup('astray'); INSERT INTO public.plain VALUES (1000)`;
  await db.inside(second, astray);
  await expect(db.equal('plain', undefined, 1000)).rejects.toThrow('n2 alone has (1000)');
  await db.close();
  await done(ID, 'POST', `${path}/nodes/n2/resync`, undefined, 180_000);
  for (const node of ['n1', 'n2']) await db.sql(node, `INSERT INTO plain VALUES (${node.slice(1)}000)`);
  expect(await db.equal('plain')).toHaveLength(97);
  await db.well();

  // Canceled half-way: what was begun is said, and the next update brings it to its end.
  await cancelIn(ID, 'hang', 'planChange', () => accept('POST', `${path}/nodes/n2/resync`));
  const { conditions = [] } = await get<{ conditions?: readonly { type: string }[] }>(path);
  expect(conditions.map(({ type }) => type)).toContain('node_away');
  await db.close();
  await done(ID, 'POST', path, { spec: spec(['n1', 'n2'], backups) }, 180_000);
  await db.sql('n2', 'INSERT INTO plain VALUES (3000)');
  expect(await db.equal('plain')).toHaveLength(98);
  await db.well();
}, 900_000);
