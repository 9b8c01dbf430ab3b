import { accept, completed, done, get, remove, type Task } from './client.ts';
import { forgetHost, startHost } from './hosts.ts';
import { SeveralNodes } from './several-nodes.ts';
import { bash, ENV, HOST } from './stack.ts';

const ID = 'nodes';
const FIRST_PORT = Number(ENV.WINDLASS_PORT_MAX) + 48;
const db = new SeveralNodes(ID);
const app = { username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] };
const node = (name: string, ...hosts: string[]) => ({ name, host_ids: hosts });
const spec = (...nodes: ReturnType<typeof node>[]) => ({
  ...{ database_name: 'shop', port: 0, database_users: [app] },
  nodes,
});
const n1 = node('n1', HOST, 'host-2');
const n2 = node('n2', 'host-2');
/** Beside n1 on one host. */
const n3 = node('n3', HOST);
const update = (...nodes: ReturnType<typeof node>[]): Promise<void> =>
  done(ID, 'POST', `/v1/databases/${ID}`, { spec: spec(...nodes) }, 120_000);
const inside = (instance: string, text: string): Promise<string> => db.inside(instance, text);

beforeAll(async () => {
  await startHost('host-2', FIRST_PORT);
  await done(ID, 'POST', '/v1/databases', { id: ID, spec: spec(n1, n2, n3) }, 120_000);
}, 180_000);
afterAll(async () => {
  await db.close();
  await remove(ID).catch(() => undefined);
  await forgetHost('host-2');
});

test('what is written on any node comes to all, once', async () => {
  for (const name of ['n1', 'n2', 'n3'])
    await db.sql(name, 'CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, v text)').catch(() => undefined);
  await db.sql('n1', `INSERT INTO t SELECT i, 'n1' FROM generate_series(1, 100) i`);
  await db.sql('n2', `INSERT INTO t SELECT i, 'n2' FROM generate_series(101, 200) i`);
  await db.sql('n3', `INSERT INTO t SELECT i, 'n3' FROM generate_series(201, 300) i`);
  expect(await db.equal('t')).toHaveLength(300);
  await db.sql('n3', `UPDATE t SET v = 'changed on n3' WHERE id <= 50`);
  await db.sql('n2', 'DELETE FROM t WHERE id > 250');
  expect(await db.equal('t')).toHaveLength(250);
});

test('an update that changes nothing plans nothing, and nothing is out of order', async () => {
  const task: Task = await accept('POST', `/v1/databases/${ID}`, { spec: spec(n1, n2, n3) });
  await completed(ID, task);
  expect(await get(`/v1/databases/${ID}/tasks/${task.task_id}/plan`)).toMatchObject({ steps: [] });
});

test('a replicator that is killed is back within seconds, and nothing is lost', async () => {
  const kill = `docker kill -s KILL $(docker ps -q --filter label=pgedge.component=replicator --filter label=windlass.database=${ID})`;
  await bash(kill);
  await db.sql('n1', `INSERT INTO t SELECT i, 'while away' FROM generate_series(1001, 1100) i`);
  expect(await db.equal('t')).toHaveLength(350);
});

test('a node that is left out is gone, its last rows are not, and nothing of it is left on the others', async () => {
  await db.sql('n3', `INSERT INTO t SELECT i, 'the last of n3' FROM generate_series(2001, 2100) i`);
  await db.close();
  await update(n1, n2);
  expect(await db.names()).toEqual(['n1', 'n2']);
  expect(await db.equal('t')).toHaveLength(450);
  for (const name of ['n1', 'n2']) {
    const { id } = await db.primaryOf(name);
    const left = `SELECT (SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'windlass_n3'),
      (SELECT count(*) FROM pg_replication_origin WHERE roname = 'windlass_n3')`;
    expect(await inside(id, left)).toBe('0|0\n');
  }
});

test('of the last but one a plain database is left', async () => {
  await db.close();
  await update(n1);
  const { id } = await db.primaryOf('n1');
  const left = `SELECT (SELECT count(*) FROM pg_replication_slots WHERE slot_type = 'logical'), (SELECT count(*) FROM pg_replication_origin),
    (SELECT count(*) FROM pg_publication), (SELECT count(*) FROM pg_namespace WHERE nspname ~ 'windlass|spock'),
    (SELECT count(*) FROM pg_roles WHERE rolname ~ '^windlass_(?!look)'), (SELECT count(*) FROM pg_event_trigger)`;
  expect(await inside(id, left)).toBe('0|0|0|0|0|0\n');
  expect(
    await bash(
      `docker service ls -q --filter label=pgedge.component=replicator --filter label=windlass.database=${ID}`,
    ),
  ).toBe('');
  expect(await db.sql('n1', 'SELECT count(*)::int AS rows FROM t')).toEqual([{ rows: 450 }]);
});
