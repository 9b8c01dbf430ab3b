import { accept, completed, done, logOf, remove } from './client.ts';
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
const LEFT = `SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_origin)
  + (SELECT count(*) FROM pg_event_trigger) + (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal) AS left`;

afterAll(async () => {
  await Promise.all([db.close(), later.close()]);
  for (const id of [ID, LATER]) await remove(id).catch(() => undefined);
});

test('a backup of a node of several begins a database with one node, to which others come', async () => {
  const backups = { backup_config: { repositories: [REPOSITORY] } };
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
