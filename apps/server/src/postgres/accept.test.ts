import { createHash } from 'node:crypto';
import { keys } from '@windlass/resources/store';
import { openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';
import {
  databaseRecords,
  databaseSpecs,
  instanceStatuses,
  leftoverRecords,
  type DatabaseRecord,
} from '@windlass/resources/postgres/records';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';

let f: Fixture;
beforeEach(async () => void (f = await openFixture()));
afterEach(() => f.app.close());

const OLD: TaskRecord = {
  taskId: 'old',
  scope: 'database',
  entityId: 'shop',
  type: 'delete',
  status: 'completed',
  createdAt: '2026-01-02T03:04:05.678Z',
  workflowId: 'database/shop',
};
const body = { id: 'shop', spec: shopSpec };
const create = (payload: unknown = body, headers = {}) => f.call('POST', '/v1/databases', payload, headers);
const update = (spec: unknown, headers = {}, id = 'shop') => f.call('POST', `/v1/databases/${id}`, { spec }, headers);
const key = (name: string) => ({ 'idempotency-key': name });
const put = (id: string, change: Partial<DatabaseRecord>) => patch(databaseRecords.key(id), change);
const patch = async (at: string, change: object): Promise<void> => {
  const value = { ...((await f.kv.get(at))?.value as object), ...change };
  await f.kv.commit([], [{ put: at, value }]);
};
/** Ends the create, so that the database can be changed. */
const settle = async (id = 'shop'): Promise<void> => {
  await put(id, { state: 'available', openTaskId: undefined });
  f.temporal.running.clear();
};

test('the same key and request get the same answer, entity tag included, and one workflow', async () => {
  const first = await create(body, key('k'));
  const second = await create(body, key('k'));
  expect(second).toMatchObject({ status: 200, body: first.body });
  expect(second.headers['etag']).toBe(first.headers['etag']);
  expect((await f.call('GET', '/v1/databases/shop')).headers['etag']).toBe(first.headers['etag']);
  expect(f.temporal.started).toHaveLength(1);
});

test('two requests under one key at the same time get one answer', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => create(body, key('k'))));
  expect(answers.map((a) => a.status)).toEqual([200, 200, 200, 200, 200]);
  expect(new Set(answers.map((a) => JSON.stringify(a.body))).size).toBe(1);
  expect(f.temporal.started).toHaveLength(1);
});

test('a key belongs to one request: another body or another database is refused', async () => {
  await create(body, key('k'));
  await create({ id: 'other', spec: shopSpec });
  await Promise.all([settle('shop'), settle('other')]);
  expect(await create({ id: 'third', spec: shopSpec }, key('k'))).toMatchObject({ body: { name: 'invalid_input' } });
  expect((await update(shopSpec, key('u'))).status).toBe(200);
  const elsewhere = await update(shopSpec, key('u'), 'other');
  expect(elsewhere.body['message']).toBe('Idempotency-Key: was used before for another request');
  expect((await create(body, key('with space'))).body['message']).toContain('visible ASCII');
});

test('a refused request does not use up its key', async () => {
  expect((await create({ id: 'shop', spec: {} }, key('k'))).status).toBe(400);
  expect((await create(body, key('k'))).status).toBe(200);
});

test('an update under a key is answered again after it is done, and not carried out again', async () => {
  await create();
  await settle();
  const first = await update({ ...shopSpec, cpus: '1' }, key('u'));
  await settle();
  expect(await update({ ...shopSpec, cpus: '1' }, key('u'))).toMatchObject({ status: 200, body: first.body });
  expect(f.temporal.started.map((s) => s.type)).toEqual(['createDatabase', 'updateDatabase']);
});

test('nothing of a remembered request can be guessed from the store', async () => {
  await create(body, key('k'));
  const stored = JSON.stringify(await f.kv.list('idempotency/'));
  expect(stored).not.toContain('hush');
  for (const text of [JSON.stringify(body), JSON.stringify(['POST', '/v1/databases', body])])
    expect(stored).not.toContain(createHash('sha256').update(text).digest('hex'));
});

test.each([
  ['the revision it has', (etag: string) => etag, 200],
  ['the bare revision', (etag: string) => etag.replaceAll('"', ''), 200],
  ['a weak tag', (etag: string) => `W/${etag}`, 200],
  ['one of several', (etag: string) => `"1", ${etag}`, 200],
  ['any', () => '*', 200],
  ['an older revision', () => '"1"', 412],
  ['no revision at all', () => 'monday', 412],
])('If-Match with %s', async (_what, tag, status) => {
  const etag = String((await create()).headers['etag']);
  await settle();
  const answer = await update(shopSpec, { 'if-match': tag(etag) });
  expect(answer.status).toBe(status);
  if (status === 412) expect(answer.body['name']).toBe('revision_conflict');
});

test('of two updates at once one is accepted and the other told so', async () => {
  await create();
  await settle();
  const answers = await Promise.all([update({ ...shopSpec, cpus: '1' }), update({ ...shopSpec, cpus: '2' })]);
  expect(answers.map((a) => a.status).sort()).toEqual([200, 409]);
  expect(answers.find((a) => a.status === 409)?.headers['goa-error']).toBe('database_not_modifiable');
});

test('of two creates of one id at once one is accepted, and its task stays', async () => {
  await f.kv.commit([], [{ put: taskRecords.key('database', 'shop', 'old'), value: OLD }]);
  const answers = await Promise.all([create(), create()]);
  expect(answers.map((a) => a.status).sort()).toEqual([200, 409]);
  expect(await f.kv.list('tasks/database/shop/')).toHaveLength(1);
});

test('a database that is declared again starts without its old tasks and logs', async () => {
  await create();
  const remains = await f.kv.list('tasks/database/shop/');
  await f.kv.commit([], [{ remove: databaseRecords.key('shop') }, { remove: databaseSpecs.key('shop') }]);
  f.temporal.running.clear();
  const again = (await create()).body['task'] as { task_id: string };
  const tasks = (await f.call('GET', '/v1/databases/shop/tasks')).body['tasks'];
  expect(remains).toHaveLength(1);
  expect(tasks).toMatchObject([{ task_id: again.task_id }]);
});

test.each(['available', 'degraded', 'failed', 'unknown'] as const)(
  'a database that is %s can be changed',
  async (state) => {
    await create();
    await settle();
    await put('shop', { state });
    expect((await update(shopSpec)).status).toBe(200);
  },
);

test.each(['creating', 'modifying', 'deleting', 'restoring'] as const)(
  'a database that is %s cannot be changed, and only a forced delete gets through',
  async (state) => {
    await create();
    await settle();
    await put('shop', { state });
    expect((await update(shopSpec)).body['name']).toBe('database_not_modifiable');
    expect((await f.call('DELETE', '/v1/databases/shop')).body['name']).toBe('database_not_modifiable');
    expect((await f.call('DELETE', '/v1/databases/shop?force=1')).status).toBe(200);
  },
);

test('a bad spec on a busy database is 400, as the order of checks wants it', async () => {
  await create();
  expect((await update({ ...shopSpec, port: 'x' })).body['name']).toBe('invalid_input');
  expect((await update({ ...shopSpec, database_name: 'other' })).body['name']).toBe('invalid_input');
  expect((await update(shopSpec)).body['name']).toBe('database_not_modifiable');
});

test('a password left out of an update is kept; one that fits the stored verifier changes nothing', async () => {
  await create();
  await settle();
  const verifier = await f.kv.get(keys.secret('database/shop/user/app'));
  const spec = (await f.kv.get(databaseSpecs.key('shop')))?.value;
  await update({ ...shopSpec, database_users: [{ username: 'app', db_owner: true }] });
  await settle();
  await update(shopSpec);
  expect((await f.kv.get(keys.secret('database/shop/user/app')))?.revision).toBe(verifier?.revision);
  expect((await f.kv.get(databaseSpecs.key('shop')))?.value).toEqual(spec);
});

test('a name is not used again while a host that was away still has its part of the deleted database to remove', async () => {
  const left = { databaseId: 'shop', records: [], since: OLD.createdAt };
  await f.kv.commit([], [{ put: leftoverRecords.key('host-2', 'shop'), value: left }]);
  const answer = await create();
  expect([answer.status, answer.body['message']]).toEqual([
    400,
    "id: host 'host-2' has not yet removed the deleted database 'shop'; wait until it answers, or use another id",
  ]);
  expect([f.temporal.started, await f.kv.get(databaseRecords.key('shop'))]).toEqual([[], undefined]);
  expect((await create({ ...body, id: 'other' })).status).toBe(200);
  await f.kv.commit([], [{ remove: leftoverRecords.key('host-2', 'shop') }]);
  expect((await create()).status).toBe(200);
});

describe('what is larger than can be kept', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, i) => `host all all 10.0.0.0/8 reject # ${String(i).padEnd(400, 'x')}`);
  const message = expect.stringMatching(/^spec: has \d+ bytes as JSON; 524288 are the most$/) as string;
  const refused = { status: 413, body: { name: 'too_large', message } };

  test('is refused with the numbers: in a create, a plan and an update', async () => {
    const spec = { ...shopSpec, pg_hba_conf: lines(1990) };
    expect(await create({ id: 'shop', spec })).toMatchObject(refused);
    expect(await f.call('POST', '/v1/databases:plan', { id: 'shop', spec })).toMatchObject(refused);
    await create();
    await settle();
    expect(await update(spec)).toMatchObject(refused);
    expect(f.temporal.started).toHaveLength(1);
  });
  test('the largest spec is accepted, remembered under a key, too', async () => {
    const spec = { ...shopSpec, pg_hba_conf: lines(1150) };
    expect((await create({ id: 'shop', spec }, key('large'))).status).toBe(200);
    expect((await create({ id: 'shop', spec }, key('large'))).status).toBe(200);
    expect(f.temporal.started).toHaveLength(1);
  });
  test('a body says how long it may be', async () => {
    const answer = await create({ id: 'shop', spec: { ...shopSpec, pg_hba_conf: lines(2600) } });
    expect(answer).toMatchObject({
      status: 413,
      body: { name: 'payload_too_large', message: 'the body is longer than 1048576 bytes' },
    });
  });
});

describe('an update of a database that another task holds', () => {
  const held = async (type: TaskRecord['type'], conditions: readonly object[]): Promise<void> => {
    await create();
    const { openTaskId = '' } = (await f.kv.get(databaseRecords.key('shop')))?.value as DatabaseRecord;
    await patch(taskRecords.key('database', 'shop', openTaskId), { type, status: 'running' });
    await put('shop', { state: 'available' });
    const at = new Date().toISOString();
    const known = { databaseId: 'shop', instanceId: 'shop-n1', nodeName: 'n1', hostId: 'host-1', createdAt: at };
    const status = { ...known, sampledAt: at, container: 'running', writable: false, addresses: [], conditions };
    await f.kv.commit([], [{ put: instanceStatuses.key('shop', 'shop-n1'), value: status }]);
  };
  const cannotStart = {
    type: 'postgres_cannot_start',
    message: 'Postgres does not start: …',
    since: '2026-01-01T00:00:00Z',
  };

  test('takes over from one that waits for a Postgres that does not start', async () => {
    await held('restart_instance', [cannotStart]);
    const before = (await f.kv.get(databaseRecords.key('shop')))?.value as DatabaseRecord;
    expect((await update(shopSpec)).status).toBe(200);
    const former = (await f.kv.get(taskRecords.key('database', 'shop', before.openTaskId ?? '')))?.value as TaskRecord;
    expect(former.status).toBe('canceled');
  });

  test.each<[TaskRecord['type'], readonly object[]]>([
    ['restart_instance', []],
    ['restore', [cannotStart]],
    ['delete', [cannotStart]],
  ])('waits for a %s with conditions %j', async (type, conditions) => {
    await held(type, conditions);
    expect((await update(shopSpec)).body['name']).toBe('operation_already_in_progress');
  });
});
