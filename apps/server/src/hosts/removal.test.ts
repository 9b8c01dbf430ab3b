import { databaseEntity } from '@windlass/resources/entity';
import { partOf } from '@windlass/resources/plan';
import { heartbeats, removalRecords, type RemovalRecord } from '@windlass/resources/platform/records';
import { databaseRecords, databaseSpecs } from '@windlass/resources/postgres/records';
import type { DatabaseSpec, StoredSpec } from '@windlass/resources/postgres/spec';
import { resourceRecords, type ResourceRecord } from '@windlass/resources/records';
import { openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';
import { declare, host, node, openHosts, remove, settle, started } from '../testing/removals.ts';
import { withoutHost } from './without-host.ts';
import { refKey } from '@windlass/resources/engine';
let f: Fixture;
let now: Date;
beforeEach(async () => {
  now = new Date();
  f = await openHosts(() => now);
});
afterEach(() => f.app.close());

const specOf = async (id: string) => ((await f.kv.get(databaseSpecs.key(id)))?.value as StoredSpec).spec;
const state = async (id: string) => (await f.call('GET', `/v1/databases/${id}`)).body['state'];

test('an empty host: a task of the host, no updates, and its workflow', async () => {
  const { status, body } = await remove(f, 'host-2');
  expect([status, body]).toEqual([
    200,
    {
      task: {
        task_id: expect.any(String) as string,
        scope: 'host',
        entity_id: 'host-2',
        host_id: 'host-2',
        type: 'remove_host',
        status: 'pending',
        created_at: expect.any(String) as string,
      },
      update_database_tasks: [],
    },
  ]);
  const { task_id: taskId } = body['task'] as { task_id: string };
  expect(started(f, 'removeHost')).toMatchObject([{ id: 'host/host-2', input: { hostId: 'host-2', taskId } }]);
  const tasks = await f.call('GET', '/v1/hosts/host-2/tasks');
  expect((tasks.body['tasks'] as object[]).length).toBe(1);
});

test.each([
  ['an id that is none', 'No_Good', 400, 'invalid_input', /valid IDs must be/],
  ['a host that is not there', 'host-9', 404, 'not_found', /^no host found with the given ID$/],
])('%s', async (_what, id, status, name, message) => {
  const answer = await remove(f, id);
  expect([answer.status, answer.headers['goa-error'], answer.body['name']]).toEqual([status, name, name]);
  expect(answer.body['message']).toMatch(message);
});

test('a server does not remove the host it runs on', async () => {
  const own = await openFixture('', () => now, { hostId: 'host-1' });
  const answer = await own.call('DELETE', '/v1/hosts/host-1?force=true');
  expect(answer.body).toMatchObject({
    name: 'invalid_input',
    message: 'a host cannot remove itself from the cluster',
  });
  await own.app.close();
});

test('a host with instances stays, unless forced', async () => {
  await declare(f, 'shop', [node('n1', 'host-1', 'host-2')]);
  const answer = await remove(f, 'host-2');
  expect(answer.body).toMatchObject({ name: 'invalid_input', message: 'cannot remove host with running instances' });
  expect(await f.kv.list(removalRecords.under())).toEqual([]);
  expect(await state('shop')).not.toBe('modifying');
});

test('forced: every database is declared without it, and updated as part of the removal', async () => {
  await declare(f, 'shop', [node('n1', 'host-1', 'host-2', 'host-3')]);
  await declare(f, 'bank', [node('n1', 'host-1')]);
  await f.kv.commit([], [{ put: 'specs/stream.orders', value: { tables: [] } }]); // of another kind than databases
  const { status, body } = await remove(f, 'host-2', '?force=true');
  expect(status).toBe(200);
  expect((await specOf('shop')).nodes).toEqual([node('n1', 'host-1', 'host-3')]);
  expect([await state('shop'), await state('bank')]).toEqual(['modifying', 'unknown']);
  const parent = (body['task'] as { task_id: string }).task_id;
  const updates = body['update_database_tasks'] as { task_id: string }[];
  expect(updates).toMatchObject([{ scope: 'database', entity_id: 'shop', type: 'update', parent_id: parent, status: 'pending' }]); // prettier-ignore
  expect(started(f, 'updateDatabase')).toMatchObject([{ id: 'database/shop', input: { leavingHosts: ['host-2'] } }]);
  const removal = (await f.kv.get(removalRecords.key('host-2')))?.value as RemovalRecord;
  expect(removal.updates).toEqual([{ databaseId: 'shop', taskId: updates[0]?.task_id }]);
});

test('nodes and services left without a host are dropped, and nobody copies from such a node', () => {
  const nodes = [node('n1', 'host-1', 'host-2'), node('n2', 'host-2'), { ...node('n3', 'host-3'), source_node: 'n2' }];
  const service = (service_id: string, ...host_ids: string[]) => ({ service_id, host_ids });
  const services = [service('a', 'host-2'), service('b', 'host-1', 'host-2')];
  const spec = { database_name: 'shop', nodes, services } as unknown as DatabaseSpec;
  expect(withoutHost(spec, 'host-2')).toEqual({
    database_name: 'shop',
    nodes: [node('n1', 'host-1'), node('n3', 'host-3')],
    services: [service('b', 'host-1')],
  });
});

test('a host that does not answer is not asked', async () => {
  await declare(f, 'shop', [node('n1', 'host-1', 'host-2')]);
  await host(f, 'host-2', { seenAt: new Date(now.getTime() - 11_000).toISOString() });
  await remove(f, 'host-2', '?force=true');
  expect(started(f, 'updateDatabase')).toMatchObject([{ input: { goneHosts: ['host-2'] } }]);
});

test('one that was seen a moment ago and whose heartbeat is gone for good is not asked either', async () => {
  await declare(f, 'shop', [node('n1', 'host-1', 'host-2')]);
  await host(f, 'host-2', { heartbeat: true });
  await remove(f, 'host-2', '?force=true');
  expect(started(f, 'updateDatabase')).toMatchObject([{ input: { goneHosts: ['host-2'] } }]);
});

test('a host that only stood still is asked: its heartbeat is looked for again', async () => {
  await declare(f, 'shop', [node('n1', 'host-1', 'host-2')]);
  await host(f, 'host-2', { heartbeat: true });
  const removed = remove(f, 'host-2', '?force=true');
  await f.kv.commit([], [{ put: heartbeats.key('host-2'), value: {} }]);
  await removed;
  expect(started(f, 'updateDatabase')).toMatchObject([{ input: { leavingHosts: ['host-2'] } }]);
});

test('a database that is busy keeps everything as it was', async () => {
  await declare(f, 'bank', [node('n1', 'host-1', 'host-2')]);
  await declare(f, 'shop', [node('n1', 'host-1', 'host-2')]);
  await settle(f, 'shop', { state: 'modifying', openTaskId: 'somebody' });
  const answer = await remove(f, 'host-2', '?force=true');
  expect([answer.status, answer.headers['goa-error']]).toEqual([409, 'database_not_modifiable']);
  expect((await specOf('bank')).nodes).toEqual([node('n1', 'host-1', 'host-2')]);
  expect([await f.kv.list(removalRecords.under()), started(f, 'removeHost')]).toEqual([[], []]);
});

test('a database that has no other host is named, and nothing is written', async () => {
  await declare(f, 'shop', [node('n1', 'host-2')]);
  const answer = await remove(f, 'host-2', '?force=true');
  expect(answer.body).toMatchObject({ name: 'invalid_input', message: expect.stringContaining("'shop'") as string });
  expect((await specOf('shop')).nodes).toEqual([node('n1', 'host-2')]);
});

test('a database that only waits for the host is updated, too, also without force', async () => {
  await declare(f, 'shop', [node('n1', 'host-1')]);
  await settle(f, 'shop', { waitingFor: ['host-2'] });
  const { body } = await remove(f, 'host-2');
  expect(body['update_database_tasks']).toMatchObject([{ entity_id: 'shop' }]);
});

test('instances on it need no longer stay stopped', async () => {
  await declare(f, 'shop', [node('n1', 'host-1', 'host-2')]);
  await settle(f, 'shop', { stoppedInstances: ['shop-n1-a', 'shop-n1-b'] });
  const instance: ResourceRecord = {
    ref: { kind: 'postgres.instance', id: 'shop-n1-b' },
    executor: { on: 'host', hostId: 'host-2' },
    ...{
      version: 1,
      spec: {},
      dependsOn: [],
      phase: 'ready',
      inputsHash: '',
      taskId: 't',
      updatedAt: now.toISOString(),
    },
  };
  await f.kv.commit(
    [],
    [{ put: resourceRecords.key(partOf(databaseEntity('shop')), refKey(instance.ref)), value: instance }],
  );
  await remove(f, 'host-2', '?force=true');
  expect((await f.kv.get(databaseRecords.key('shop')))?.value).toMatchObject({ stoppedInstances: ['shop-n1-a'] });
});

test('many databases are taken off a host at once', async () => {
  for (let i = 0; i < 30; i += 1) await declare(f, `shop-${String(i)}`, [node('n1', 'host-1', 'host-2')]);
  const { body } = await remove(f, 'host-2', '?force=true');
  expect((body['update_database_tasks'] as object[]).length).toBe(30);
  const removal = (await f.kv.get(removalRecords.key('host-2')))?.value as RemovalRecord;
  expect(removal.updates.length).toBe(30);
});

test('while a host is being removed it cannot be removed again, and nothing new is placed on it', async () => {
  await remove(f, 'host-2');
  const again = await remove(f, 'host-2');
  expect([again.status, again.headers['goa-error']]).toEqual([409, 'operation_already_in_progress']);
  const spec = { ...shopSpec, nodes: [node('n1', 'host-2')] };
  const created = await f.call('POST', '/v1/databases', { id: 'shop', spec });
  expect(created.body['message']).toContain('got invalid host ids: host-2');
});
