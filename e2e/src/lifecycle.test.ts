import {
  accept,
  call,
  create,
  database,
  done,
  ended,
  get,
  portOf,
  remove,
  specOf,
  sql,
  update,
  type Task,
} from './client.ts';
import { bash, ENV, HOME, until } from './stack.ts';

const ID = 'shop';
const startedAt = async (): Promise<string> =>
  String((await sql<{ t: string }>(ID, 'SELECT pg_postmaster_start_time()::text AS t'))[0]?.t);
const container = (): Promise<string> =>
  bash(`docker ps -q --filter label=windlass.database=${ID} | head -1 | tr -d '\\n'`);
const asSuperuser = async (text: string): Promise<string> =>
  bash(`docker exec ${await container()} psql -h /tmp -U windlass -d postgres -Atqc "${text}"`);
const drift = async (): Promise<Record<string, string[]>> => {
  const { resources } = await get<{ resources: { resource: string; drift: string[]; missing: boolean }[] }>(
    `/v1/databases/${ID}/resources`,
  );
  return Object.fromEntries(
    resources
      .filter((r) => r.missing || r.drift.length > 0)
      .map((r) => [r.resource.split('::')[0] ?? '', r.missing ? ['missing'] : r.drift]),
  );
};
const writes = async (): Promise<string> =>
  bash(`docker service inspect $(docker service ls -q --filter label=windlass.database=${ID}) --format '{{.Version.Index}}'; docker network ls -q --filter label=windlass.database=${ID}
    . bin/lib/common.sh; . bin/lib/processes.sh; ctl get /patroni/${ID}:n1/config -w json | jq '.kvs[0].mod_revision'
    docker exec $(docker ps -q --filter label=windlass.database=${ID}) psql -h /tmp -U windlass -d ${ID} -Atqc "SELECT pg_conf_load_time(), (SELECT max(xmin::text::bigint) FROM pg_authid), (SELECT max(xmin::text::bigint) FROM pg_database), (SELECT max(xmin::text::bigint) FROM pg_class)"`);

afterAll(() => remove(ID).catch(() => undefined));

test('a declared database takes writes of its user, over TCP, with its password', async () => {
  await create(ID);
  await sql(ID, 'CREATE TABLE orders (id int)');
  await sql(ID, 'INSERT INTO orders VALUES (1)');
  expect((await database(ID)).state).toBe('available');
});

test('an update that changes nothing writes nothing and plans nothing', async () => {
  const before = await writes();
  const task = await ended(ID, await accept('POST', `/v1/databases/${ID}`, { spec: specOf(ID) }));
  const plan = await get<{ steps: unknown[]; text: string }>(`/v1/databases/${ID}/tasks/${task.task_id}/plan`);
  expect(plan).toMatchObject({ steps: [], text: 'nothing to do: everything is as declared' });
  expect(await writes()).toBe(before);
});

test('reloadable changes (GUC, hba, ident, user) take effect without a restart', async () => {
  const before = await startedAt();
  await update(ID, { postgresql_conf: { work_mem: '13MB' } });
  expect(await sql(ID, 'SHOW work_mem')).toEqual([{ work_mem: '13MB' }]);
  await update(ID, {
    postgresql_conf: { work_mem: '13MB' },
    pg_hba_conf: ['host all all 10.9.8.0/24 reject'],
    pg_ident_conf: ['people alice app'],
  });
  expect(await asSuperuser("SELECT count(*) FROM pg_hba_file_rules WHERE address = '10.9.8.0'")).toBe('1\n');
  expect(await asSuperuser("SELECT count(*) FROM pg_ident_file_mappings WHERE map_name = 'people'")).toBe('1\n');
  const users = [
    ...specOf(ID).database_users,
    { username: 'reader', password: 'pw-reader', attributes: ['LOGIN', 'CREATEDB'], roles: ['pg_monitor'] },
  ];
  await update(ID, { database_users: users });
  expect(await sql(ID, 'SELECT 1 AS one', 'reader', 'pw-reader')).toEqual([{ one: 1 }]);
  expect(await sql(ID, 'SHOW work_mem')).not.toEqual([{ work_mem: '13MB' }]);
  expect(await startedAt()).toBe(before);
});

test('what is taken out of the spec is taken away in Postgres: attributes, roles, users', async () => {
  const reader = { username: 'reader', attributes: ['LOGIN'] };
  await update(ID, { database_users: [...specOf(ID).database_users, reader] });
  expect(
    await asSuperuser(
      "SELECT rolcreatedb, pg_has_role('reader', 'pg_monitor', 'member') FROM pg_roles WHERE rolname = 'reader'",
    ),
  ).toBe('f|f\n');
  expect(await sql(ID, 'SELECT 1 AS one', 'reader', 'pw-reader')).toEqual([{ one: 1 }]);
  await update(ID);
  expect(await asSuperuser("SELECT count(*) FROM pg_roles WHERE rolname = 'reader'")).toBe('0\n');
});

test('a setting that needs a restart gets one, and the data stays', async () => {
  const before = await startedAt();
  await update(ID, { postgresql_conf: { max_connections: 120 } });
  expect(await sql(ID, 'SHOW max_connections')).toEqual([{ max_connections: '120' }]);
  expect(await startedAt()).not.toBe(before);
  expect(await sql(ID, 'SELECT id FROM orders')).toEqual([{ id: 1 }]);
  await update(ID);
});

test('drift is shown by field and a plain update repairs it: GUC, role, service, network', async () => {
  await asSuperuser("ALTER SYSTEM SET work_mem = '77MB'");
  await asSuperuser('SELECT pg_reload_conf()');
  await asSuperuser('ALTER ROLE app NOLOGIN');
  expect(Object.keys(await drift()).sort()).toEqual(['postgres.roles']);
  await update(ID, { postgresql_conf: { work_mem: '13MB' } });
  await asSuperuser("ALTER SYSTEM SET work_mem = '77MB'");
  expect((await drift())['postgres.settings']).toEqual(['parameters.work_mem']);
  await bash(`docker service rm $(docker service ls -q --filter label=windlass.database=${ID})`);
  expect((await drift())['swarm.service']).toEqual(['missing']);
  await until('the container to be gone', async () => (await container()) === '');
  await until('the stop to be shown', async () => (await database(ID)).state !== 'available', 5000);
  await bash(
    `for i in $(seq 200); do docker network rm windlass-${ID} >/dev/null 2>&1; docker network inspect windlass-${ID} >/dev/null 2>&1 || break; sleep 0.1; done; ! docker network inspect windlass-${ID} >/dev/null 2>&1`,
  );
  await update(ID, { postgresql_conf: { work_mem: '13MB' } });
  expect(await sql(ID, 'SHOW work_mem')).toEqual([{ work_mem: '13MB' }]);
  expect(await sql(ID, 'SELECT id FROM orders')).toEqual([{ id: 1 }]);
  expect(await drift()).toEqual({});
});

test('a stopped instance shows within 5 s; an update starts it again', async () => {
  await bash(`docker service scale --detach $(docker service ls -q --filter label=windlass.database=${ID})=0`);
  await until('the container to be gone', async () => (await container()) === '');
  await until('the state to change', async () => (await database(ID)).state === 'degraded', 5000);
  await update(ID, { postgresql_conf: { work_mem: '13MB' } });
  expect((await database(ID)).state).toBe('available');
});

test('a killed container is started again by the swarm, and the state says so', async () => {
  const before = await container();
  await bash(`docker kill ${before}`);
  await until('another container', async () => !['', before].includes(await container()));
  await until('the database to take writes', async () => (await sql(ID, 'SELECT 1 AS one')).length === 1, 60_000);
  await until('the database to be available', async () => (await database(ID)).state === 'available', 10_000);
});

test('a busy database answers 409, a wrong revision 412, an idempotency key the same answer', async () => {
  const task = await accept('POST', `/v1/databases/${ID}?force_update=true`, { spec: specOf(ID) });
  const busy = await call('POST', `/v1/databases/${ID}`, { spec: specOf(ID) });
  expect([busy.status, busy.headers.get('goa-error')]).toEqual([409, 'database_not_modifiable']);
  expect((await ended(ID, task)).status).toBe('completed');
  expect((await call('POST', `/v1/databases/${ID}`, { spec: specOf(ID) }, { 'if-match': '"1"' })).status).toBe(412);
  const key = { 'idempotency-key': `k-${String(Date.now())}` };
  const first = await call<{ task: Task }>('POST', `/v1/databases/${ID}`, { spec: specOf(ID) }, key);
  const second = await call<{ task: Task }>('POST', `/v1/databases/${ID}`, { spec: specOf(ID) }, key);
  expect(second.body).toEqual(first.body);
  await ended(ID, first.body.task);
});

test('a cancelled create leaves a database that can be updated into shape', async () => {
  const id = 'halfway';
  const task = await accept('POST', '/v1/databases', { id, spec: specOf(id) });
  await until('the service step to begin', async () =>
    (await bash('docker service ls --format "{{.Name}}"')).includes(id),
  );
  await call('GET', `/v1/databases/${id}/tasks/${task.task_id}/cancel`);
  expect((await ended(id, task)).status).toBe('canceled');
  expect((await database(id)).state).toBe('failed');
  await update(id);
  expect(await sql(id, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await remove(id);
});

test('scripts run once and see the order they were promised', async () => {
  const id = 'scripted';
  const scripts = {
    post_init: ['CREATE TABLE init_log (n int)', 'INSERT INTO init_log VALUES (1)'],
    post_database_create: ['CREATE TABLE made (n int)', 'INSERT INTO made VALUES (1)', 'GRANT SELECT ON made TO app'],
  };
  await create(id, { scripts });
  await update(id, {
    scripts: { ...scripts, post_database_create: [...scripts.post_database_create, 'INSERT INTO made VALUES (2)'] },
  });
  expect(await sql(id, 'SELECT n FROM made')).toEqual([{ n: 1 }]);
  await remove(id);
});

test('delete leaves nothing, also when parts are missing or Postgres is stopped', async () => {
  for (const harm of [
    'true',
    `docker service rm $(docker service ls -q --filter label=windlass.database=doomed)`,
    `docker kill $(docker ps -q --filter label=windlass.database=doomed)`,
    `rm -rf ${HOME}/data/host-1/instances/doomed-*`,
  ]) {
    await create('doomed');
    await bash(harm);
    await done('doomed', 'DELETE', '/v1/databases/doomed');
    const left = await bash(
      `docker service ls -q --filter label=windlass.database=doomed; docker ps -aq --filter label=windlass.database=doomed; docker network ls -q --filter label=windlass.database=doomed; ls ${HOME}/data/host-1/instances | grep doomed; . bin/lib/common.sh; . bin/lib/processes.sh; ctl get --prefix --keys-only / | grep doomed | grep -v -e /windlass/tasks/ -e /windlass/task-logs/; ctl user list | grep doomed; true`,
    );
    expect([harm, left]).toEqual([harm, '']);
    expect((await call('GET', '/v1/databases/doomed')).status).toBe(404);
  }
});

test('an explicit port is used, and one in use is refused before anything changes', async () => {
  const port = Number(ENV.WINDLASS_PORT_MAX) + 67;
  await create('ported', { port });
  expect(await portOf('ported')).toBe(port);
  const refused = await call<{ name: string; message: string }>('POST', '/v1/databases', {
    id: 'ported2',
    spec: specOf('ported2', { port }),
  });
  expect([refused.status, refused.body.name]).toEqual([400, 'invalid_input']);
  expect(refused.body.message).toContain(String(port));
  await remove('ported');
});

test('another port is published: the plan says that writers notice, and the container is another one', async () => {
  const port = Number(ENV.WINDLASS_PORT_MAX) + 67;
  await create('moving', { port });
  const container = (): Promise<string> => bash('docker ps -q --filter label=windlass.database=moving');
  const before = await container();
  const body = { spec: specOf('moving', { port: port + 1 }) };
  const plan = await call<{ sentences: string[] }>('POST', '/v1/databases/moving:plan', body);
  expect(plan.body.sentences.at(-1)).toMatch(/^writers of 'moving:n1' see 1 outage, of a few seconds/);
  await update('moving', { port: port + 1 });
  expect(await portOf('moving')).toBe(port + 1);
  expect(await container()).not.toBe(before);
  expect(await sql('moving', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await remove('moving');
});
