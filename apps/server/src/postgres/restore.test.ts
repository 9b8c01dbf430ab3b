import { keys } from '@windlass/resources/store';
import { changeShop } from '../testing/contract-world.ts';
import { openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';
import {
  databaseRecords,
  databaseSpecs,
  restoreRecords,
  swapRecords,
  type DatabaseRecord,
  type RestoreRecord,
  type SwapRecord,
} from '@windlass/resources/postgres/records';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';

const KEY = 'canary-key-of-the-repository';
const s3 = { type: 's3', s3_bucket: 'bucket', s3_endpoint: 's3.example', s3_key: 'id', s3_key_secret: KEY };
const config = (more: object = {}) => ({
  source_database_id: 'shop',
  source_node_name: 'n1',
  source_database_name: 'shop',
  repository: { type: 'posix', base_path: '/backups' },
  ...more,
});

let f: Fixture;
beforeEach(async () => {
  f = await openFixture();
  await f.kv.commit([], [{ put: databaseSpecs.key('shop'), value: { spec: shopSpec, passwordVersions: {} } }]);
  await put({ id: 'shop', createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', state: 'available' });
});
afterEach(() => f.app.close());

const put = (change: Partial<DatabaseRecord>) => changeShop(f, change);
const record = async () => (await f.kv.get(databaseRecords.key('shop')))?.value as DatabaseRecord;
const restore = (more: object = {}, rest: object = {}, query = '') =>
  f.call('POST', `/v1/databases/shop/restore${query}`, { restore_config: config(more), ...rest });
const undo = (body?: object) => f.call('POST', '/v1/databases/shop/restore:undo', body);
const swap = async (more: Partial<SwapRecord> = {}): Promise<void> => {
  const taskId = '01a1fd61-7fe9-71dd-a5b0-24e538a5daf2';
  const base = { taskId, databaseId: 'shop', nodeName: 'n1', instanceId: 'shop-n1-689qacsi', hostId: 'host-1' };
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const value = { ...base, at: '2026-01-31T12:00:00Z', fromTimeline: 1, data: 'kept', until, ...more };
  await f.kv.commit([], [{ put: swapRecords.key('shop', 'n1', taskId), value }]);
};

describe('restore-database', () => {
  test('is answered with its task, one for each node, and the database that is restoring; its spec stays', async () => {
    const answer = await restore({}, { target_nodes: ['n1'], keep_hours: 48 });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).sort()).toEqual(['database', 'node_tasks', 'task']);
    const { task, node_tasks: parts, database } = answer.body as Record<string, Record<string, unknown>>;
    const id = task?.['task_id'] as string;
    expect(task).toMatchObject({ type: 'restore', status: 'pending', database_id: 'shop' });
    expect(parts).toMatchObject([{ type: 'node_restore', status: 'pending', parent_id: id, node_name: 'n1' }]);
    expect(database).toMatchObject({ id: 'shop', state: 'restoring' });
    expect(await record()).toMatchObject({ state: 'restoring', stateBefore: 'available', openTaskId: id });
    const part = (parts as unknown as { task_id: string }[])[0]?.task_id;
    expect(f.temporal.started).toMatchObject([
      {
        type: 'restoreDatabase',
        id: 'database/shop',
        input: { keepHours: 48, parts: [{ nodeName: 'n1', taskId: part }] },
      },
    ]);
    expect((await f.call('GET', `/v1/databases/shop/tasks/${part ?? ''}`)).body).toMatchObject({
      type: 'node_restore',
    });
  });

  test('stores what is to be restored without its credentials, which are sealed', async () => {
    const options = { type: 'time', target: '2026-01-31 12:00:00+00', 'process-max': '2' };
    const answer = await restore({ repository: s3, restore_options: options });
    const { task_id: id } = answer.body['task'] as { task_id: string };
    const { origin } = (await f.kv.get(restoreRecords.key('shop', id)))?.value as RestoreRecord;
    expect(origin).toMatchObject({
      target: { type: 'time', value: '2026-01-31 12:00:00+00' },
      passed: { 'process-max': '2' },
      repository: {
        options: { 's3-bucket': 'bucket', 's3-key-type': 'shared', path: '/databases/shop/n1' },
        secret: { name: `database/shop/restores/${id}`, names: ['s3-key', 's3-key-secret'] },
      },
    });
    const rows = await f.kv.list('');
    expect(JSON.stringify([rows, answer.body, f.temporal.started])).not.toContain(KEY);
    const sealed = (await f.kv.get(keys.secret(`database/shop/restores/${id}`)))?.value;
    expect(await f.deps.box.open(`database/shop/restores/${id}`, sealed)).toContain(KEY);
  });

  test('credentials that are left out are those the source has for the same repository', async () => {
    const backup_config = { repositories: [s3] };
    await f.call('POST', '/v1/databases', { id: 'source', spec: { ...shopSpec, backup_config } });
    const { s3_key: _key, s3_key_secret: _secret, ...place } = s3;
    const answer = await restore({ source_database_id: 'source', repository: place });
    const { task_id: id } = answer.body['task'] as { task_id: string };
    const sealed = (await f.kv.get(keys.secret(`database/shop/restores/${id}`)))?.value;
    expect(await f.deps.box.open(`database/shop/restores/${id}`, sealed)).toContain(KEY);
  });

  test.each([
    ['no base path', { repository: { type: 'posix' } }, 'repository.base_path: base_path is required for posix'],
    ['an unknown kind', { repository: { type: 'ftp' } }, "repository.type: unsupported repo type 'ftp'"],
    ['a bad id', { source_database_id: 'NO' }, 'source_database_id: valid IDs must be'],
    ['an unknown field', { sourced: 'x' }, 'sourced: unknown field'],
    [
      'an option that is none',
      { restore_options: { 'pg1-path': '/x' } },
      'restore_options[pg1-path]: is not an option',
    ],
    ['a type that is none', { restore_options: { type: 'standby' } }, 'restore_options[type]: must be one of'],
    ['no target', { restore_options: { type: 'lsn' } }, 'restore_options[target]: is required'],
    ['a time to come', { restore_options: { type: 'time', target: '2999-01-01 00:00:00' } }, 'is in the future'],
  ])('%s is refused by name, before anything is looked up', async (_what, more, message) => {
    const answer = await f.call('POST', '/v1/databases/none/restore', { restore_config: config(more) });
    expect([answer.status, answer.headers['goa-error']]).toEqual([400, 'invalid_input']);
    expect(answer.body['message']).toContain(message);
  });

  test.each([
    ['no body', undefined, 'missing_payload'],
    ['a body that is no object', [], 'decode_payload'],
  ])('%s is refused', async (_what, body, name) => {
    const answer = await f.call('POST', '/v1/databases/shop/restore', body);
    expect([answer.status, answer.body['name']]).toEqual([400, name]);
  });

  test('what cannot be restored: unknown database, busy database, unknown node, a bad id, another tenant', async () => {
    expect((await f.call('POST', '/v1/databases/none/restore', { restore_config: config() })).status).toBe(404);
    expect((await f.call('POST', '/v1/databases/NO/restore', { restore_config: config() })).status).toBe(400);
    const unknown = await restore({}, { target_nodes: ['n7'] });
    expect([unknown.status, unknown.body['message']]).toEqual([400, 'node not in db spec: [n7]']);
    await f.call('POST', '/v1/databases', { id: 'others', tenant_id: 'acme', spec: shopSpec });
    const foreign = await restore({ source_database_id: 'others' });
    expect([foreign.status, foreign.body['message']]).toMatchObject([400, expect.stringContaining('another tenant')]);
    await put({ state: 'modifying', openTaskId: 'other' });
    expect((await restore()).headers['goa-error']).toBe('database_not_modifiable');
    expect((await record()).openTaskId).toBe('other');
  });

  test('of several nodes the first is restored, and the others become copies of it; one alone is refused', async () => {
    const nodes = [...shopSpec.nodes, { name: 'n2', host_ids: ['host-2'] }];
    await f.kv.commit([], [{ put: databaseSpecs.key('shop'), value: { spec: { ...shopSpec, nodes }, passwordVersions: {} } }]); // prettier-ignore
    const refused = await restore({}, { target_nodes: ['n2'] });
    expect(refused.headers['goa-error']).toBe('operation_refused');
    expect(refused.body['message']).toContain('target_nodes: leave it out, or name all nodes (n1, n2)');
    expect(f.temporal.started).toEqual([]);
    const answer = await restore({}, { target_nodes: ['n2', 'n1'] });
    expect(answer.body['node_tasks']).toMatchObject([{ node_name: 'n1' }]);
    expect(f.temporal.started).toMatchObject([{ type: 'restoreDatabase', input: { parts: [{ nodeName: 'n1' }], remade: ['n2'] } }]); // prettier-ignore
  });

  test('with force it takes over from the task that runs', async () => {
    await restore();
    const first = (await record()).openTaskId ?? '';
    expect((await restore()).status).toBe(409);
    expect((await restore({}, {}, '?force=true')).status).toBe(200);
    const ended = (await f.kv.get(taskRecords.key('database', 'shop', first)))?.value as TaskRecord;
    expect(ended.status).toBe('canceled');
    const parts = (await f.kv.list(taskRecords.under('database', 'shop'))).map((row) => row.value as TaskRecord);
    expect(parts.filter((t) => t.parentId === first).map((t) => t.status)).toEqual(['canceled']);
  });

  test('the same key answers the same and restores once', async () => {
    const send = () =>
      f.call('POST', '/v1/databases/shop/restore', { restore_config: config() }, { 'idempotency-key': 'k' });
    const first = await send();
    expect((await send()).body['node_tasks']).toEqual(first.body['node_tasks']);
    expect(f.temporal.started).toHaveLength(1);
  });

  test('one that is canceled before it began leaves the database as it was', async () => {
    f.temporal.down = true;
    const answer = await restore();
    f.temporal.down = false;
    const { task_id: id } = answer.body['task'] as { task_id: string };
    await f.call('GET', `/v1/databases/shop/tasks/${id}/cancel`);
    expect(await record()).toMatchObject({ state: 'available' });
    expect((await record()).stateBefore).toBeUndefined();
  });
});

describe('undo-restore', () => {
  test('is answered like a restore when the former data is kept', async () => {
    await swap();
    const answer = await undo();
    expect(answer).toMatchObject({
      status: 200,
      body: { task: { type: 'undo_restore' }, node_tasks: [{ node_name: 'n1' }], database: { state: 'restoring' } },
    });
    expect(f.temporal.started).toMatchObject([{ type: 'undoRestore', input: { keepHours: 24 } }]);
  });

  test.each([
    ['was never restored', undefined, 'it was not restored'],
    ['was restored too long ago', { until: '2026-02-01T12:00:00Z' }, 'was kept until 2026-02-01T12:00:00Z'],
    ['was put back already', { data: 'taken' as const }, 'nothing that could be put back'],
  ])('a node that %s is refused', async (_what, kept, message) => {
    if (kept) await swap(kept);
    const answer = await undo({ target_nodes: ['n1'] });
    expect([answer.status, answer.headers['goa-error']]).toEqual([409, 'operation_refused']);
    expect(answer.body['message']).toContain(message);
  });

  test('unknown database, unknown node, busy database', async () => {
    expect((await f.call('POST', '/v1/databases/none/restore:undo')).status).toBe(404);
    expect((await undo({ target_nodes: ['n7'] })).body['message']).toBe('node not in db spec: [n7]');
    await put({ state: 'modifying', openTaskId: 'other' });
    expect((await undo()).headers['goa-error']).toBe('database_not_modifiable');
  });
});
