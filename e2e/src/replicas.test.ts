import { accept, call, done, ended, get, remove, type Task } from './client.ts';
import { forgetHost, killWorker, startHost } from './hosts.ts';
import { replicatedNode } from './replicated-node.ts';
import { bash, ENV, HOME, HOST, until } from './stack.ts';
import { failures, longest } from './writer.ts';

const ID = 'replicas';
const HOSTS = [HOST, 'host-2', 'host-3'];
const FIRST_PORT = Number(ENV.WINDLASS_PORT_MAX) + 8;
const node = replicatedNode(ID);
/** Three containers of a database share two cores with the rest of the tests. */
const READY_MS = 60_000;

const app = { username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] };
const synchronous = { synchronous_standby_names: 'ANY 1 (*)' };
const specOf = (hosts: string[], conf: object = {}, users: object[] = [app]) => ({
  database_name: 'shop',
  port: 0,
  postgresql_conf: { ...synchronous, ...conf },
  database_users: users,
  nodes: [{ name: 'n1', host_ids: hosts }],
});
const declare = (hosts: string[], conf?: object, users?: object[]): Promise<void> =>
  done(ID, 'POST', `/v1/databases/${ID}`, { spec: specOf(hosts, conf, users) }, READY_MS);

const tasks = async (type: string): Promise<Task[]> =>
  (await get<{ tasks: Task[] }>(`/v1/databases/${ID}/tasks`)).tasks.filter((t) => t.type === type);

/** What an instance says when it is asked from inside its container. */
const ask = async (instance: string, text: string): Promise<string> =>
  (
    await bash(`docker exec ${await node.container(instance)} psql -h /tmp -U windlass -d postgres -Atqc "${text}"`)
  ).trim();

beforeAll(async () => {
  await Promise.all([startHost('host-2', FIRST_PORT), startHost('host-3', FIRST_PORT + 10)]);
  await done(ID, 'POST', '/v1/databases', { id: ID, spec: specOf(HOSTS) }, READY_MS);
});
afterAll(async () => {
  await remove(ID).catch(() => undefined);
  await Promise.all([forgetHost('host-2'), forgetHost('host-3')]);
});

test('completed means: a primary, every standby streaming, one of them named synchronous', async () => {
  const found = await node.instances();
  expect(found.map((i) => [i.host_id, i.state]).sort()).toEqual(HOSTS.map((h) => [h, 'available']));
  expect(found.map((i) => i.postgres?.role).sort()).toEqual(['primary', 'replica', 'replica']);
  const rows = (await ask(await node.primary(), 'SELECT state, sync_state FROM pg_stat_replication')).split('\n');
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row).toMatch(/^streaming\|(quorum|sync|potential|async)$/);
  expect(rows.some((row) => /\|(quorum|sync)$/.test(row))).toBe(true);
});

test('one connection string finds the primary, another a replica', async () => {
  expect(await node.psql('writer', 'SELECT pg_is_in_recovery()')).toBe('f');
  expect(await node.psql('reader', 'SELECT pg_is_in_recovery()')).toBe('t');
});

test('the primary is killed: a replica takes over, no acknowledged write is lost, the old primary comes back by itself', async () => {
  const old = await node.primary();
  const written = await node.whileWriting(async () => {
    await bash(`docker kill -s KILL ${await node.container(old)}`);
    await until('another primary', async () => {
      const now = await node.primary();
      return now !== '' && now !== old;
    });
  });
  process.stderr.write(
    `outage of a failover after SIGKILL: ${String(longest(written))} ms, ${String(written.acknowledged)} writes\n`,
  );
  expect([written.lost, failures(written).length]).toEqual([0, 1]);
  expect(longest(written)).toBeLessThan(5000);
  await node.allWell(3);
  expect(await node.psql('writer', 'SELECT pg_is_in_recovery()')).toBe('f');
  expect(await tasks('failover')).toMatchObject([{ status: 'completed' }]);
});

test('a setting that needs a restart: replicas first, one outage, said beforehand', async () => {
  const spec = specOf(HOSTS, { max_connections: 190 });
  const plan = await call<{ sentences: string[] }>('POST', `/v1/databases/${ID}:plan`, { spec });
  expect(JSON.stringify(plan.body)).toMatch(/see 1 outage, of about a second/);
  const written = await node.whileWriting(() => declare(HOSTS, { max_connections: 190 }));
  process.stderr.write(
    `outage of a rolling change: ${String(longest(written))} ms, ${String(written.acknowledged)} writes\n`,
  );
  expect(written.lost).toBe(0);
  expect(failures(written).length).toBeLessThanOrEqual(1);
  await node.allWell(3);
  for (const { id } of await node.instances()) expect(await ask(id, 'SHOW max_connections')).toBe('190');
});

test('a replica is removed without a trace, and added again, while writes go on', async () => {
  const written = await node.whileWriting(async () => {
    const spare = (await node.instances()).find((i) => i.host_id !== HOST && i.postgres?.role === 'replica');
    const others = HOSTS.filter((h) => h !== spare?.host_id);
    await declare(others);
    await node.allWell(2);
    expect(await node.container(spare?.id ?? '')).toBe('');
    expect((await bash(`docker service ls -q --filter name=postgres-${spare?.id ?? '?'}`)).trim()).toBe('');
    await declare(HOSTS);
  });
  await node.allWell(3);
  expect(written.lost).toBe(0);
});

test("the primary's host is left out: another member takes over before, one outage, said beforehand", async () => {
  const leaving = await node.primary();
  const host = (await node.instances()).find(({ id }) => id === leaving)?.host_id ?? '';
  const others = HOSTS.filter((other) => other !== host);
  const plan = await call<{ sentences: string[] }>('POST', `/v1/databases/${ID}:plan`, { spec: specOf(others) });
  expect(plan.body.sentences).toContainEqual(
    expect.stringMatching(/see 1 outage, of about a second: the primary leaves/),
  );
  const written = await node.whileWriting(() => declare(others));
  process.stderr.write(
    `outage of a primary that leaves: ${String(longest(written))} ms, ${String(written.acknowledged)} writes\n`,
  );
  expect([written.lost, failures(written).length]).toEqual([0, 1]);
  await node.allWell(2);
  await declare(HOSTS);
  await node.allWell(3);
});

test('a host whose worker is dead holds up neither an update nor a failover nor a delete; what is left is done when it is back', async () => {
  const gone =
    (await node.instances()).find((i) => i.postgres?.role === 'replica' && i.host_id !== HOST)?.host_id ?? '';
  await killWorker(gone);
  const asked = Date.now();
  await declare(HOSTS, { work_mem: '9MB' }, [app, { username: 'late', attributes: ['LOGIN'] }]);
  const took = Date.now() - asked;
  expect(took).toBeLessThan(30_000);
  expect(await node.psql('writer', "SELECT count(*) FROM pg_roles WHERE rolname = 'late'")).toBe('1');
  await startHost(gone, gone === 'host-2' ? FIRST_PORT : FIRST_PORT + 10);
  await node.allWell(3);
  const repair = await until(
    'a repair',
    async () => (await log('repairing: host')) && (await tasks('update'))[0],
    READY_MS,
  );
  expect((await ended(ID, repair, READY_MS)).status).toBe('completed');
  expect(await workMem(gone)).toBe('9MB');

  await killWorker(gone);
  expect((await ended(ID, await accept('DELETE', `/v1/databases/${ID}`), READY_MS)).status).toBe('completed');
  const left = `docker ps -aq --filter label=windlass.database=${ID}; ls ${HOME}/data/${gone}/instances 2>/dev/null | grep ${ID} || true`;
  expect(await bash(left)).not.toBe('');
  await startHost(gone, gone === 'host-2' ? FIRST_PORT : FIRST_PORT + 10);
  await until('its part to be removed', async () => (await bash(left)) === '', READY_MS);
});

async function log(text: string): Promise<boolean> {
  const [task] = await tasks('update');
  return task !== undefined && (await node.log(task)).some((message) => message.includes(text));
}

async function workMem(host: string): Promise<string> {
  return ask((await node.on(host)).id, 'SHOW work_mem');
}
