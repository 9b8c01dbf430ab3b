import { Sweeper } from '../core/tasks/sweeper.ts';
import { drainRecords, hostRecords, removalRecords } from '@windlass/resources/platform/records';
import { outboxEntries, taskRecords } from '@windlass/resources/tasks';
import { instanceNow, openWorld, PRIMARY, REPLICA } from '../testing/contract-world.ts';
import { shopSpec, type Fixture } from '../testing/fixture.ts';
import { settle, started } from '../testing/removals.ts';

/** `shop` has its primary on host-1 and a replica on host-2; host-3 is empty. */
let f: Fixture;
beforeEach(async () => (f = await openWorld('')));
afterEach(() => f.app.close());

interface Answered {
  readonly task: { readonly task_id: string };
  readonly switchover_tasks: readonly { readonly task_id: string }[];
}
const drain = (id: string) => f.call('POST', `/v1/hosts/${id}:drain`);
const resume = (id: string) => f.call('POST', `/v1/hosts/${id}:resume`);
const plan = async (id: string) => (await f.call('GET', `/v1/hosts/${id}/drain`)).body;
const drained = async (id: string) => (await f.call('GET', `/v1/hosts/${id}`)).body['drain'];
const accepted = async (id: string) => (await drain(id)).body as unknown as Answered;
const end = async (hostId: string, taskId: string, status: 'completed' | 'failed') => {
  await taskRecords.change(f.kv, ['host', hostId, taskId], (task) => ({ ...task, status }));
  f.temporal.running.delete(`host/${hostId}/beside/${taskId}`);
};
const update = (host_ids: readonly string[], more: object = {}) =>
  f.call('POST', '/v1/databases/shop', { spec: { ...shopSpec, ...more, nodes: [{ name: 'n1', host_ids }] } });

test('its primaries hand over, each by a switchover that waits its turn; nothing else moves', async () => {
  const move = { database_id: 'shop', node_name: 'n1', instance_id: PRIMARY, to: REPLICA };
  expect(await plan('host-1')).toEqual({ host_id: 'host-1', moves: [move], stays: [] });
  const { task, switchover_tasks: switchovers } = await accepted('host-1');
  expect(task).toMatchObject({ scope: 'host', entity_id: 'host-1', type: 'drain_host', status: 'pending' });
  expect(switchovers).toMatchObject([{ entity_id: 'shop', node_name: 'n1', type: 'switchover', parent_id: task.task_id }]);
  const [{ task_id: switchover }] = switchovers as [{ task_id: string }];
  expect(started(f, 'drainHost')).toMatchObject([
    { id: `host/host-1/beside/${task.task_id}`, input: { hostId: 'host-1', taskId: task.task_id }, summary: 'drain host host-1' },
  ]);
  expect(started(f, 'switchoverNode')).toMatchObject([
    { id: `database/shop/scheduled/${switchover}`, input: { nodeName: 'n1', candidate: REPLICA, scheduledAt: expect.any(String) as string } },
  ]);
  expect((await drainRecords.get(f.kv, 'host-1'))?.value.moves).toEqual([
    { databaseId: 'shop', nodeName: 'n1', instanceId: PRIMARY, taskId: switchover },
  ]);
}); // prettier-ignore

test('a drain whose start was lost is started by whoever sweeps; one of a host that is gone is canceled', async () => {
  const sweeper = new Sweeper(f.deps, (err) => expect(err).toBeUndefined());
  f.temporal.down = true;
  const [{ task }, gone] = [await accepted('host-1'), await accepted('host-2')];
  f.temporal.down = false;
  await f.kv.commit([], [hostRecords.remove('host-2')]);
  await sweeper.sweep();
  expect(started(f, 'drainHost')).toMatchObject([{ id: `host/host-1/beside/${task.task_id}` }]);
  const statusOf = async (host: string, id: string) => (await taskRecords.get(f.kv, 'host', host, id))?.value.status;
  expect(await statusOf('host-1', task.task_id)).toBe('pending');
  expect(await statusOf('host-2', gone.task.task_id)).toBe('canceled');
});

test('a host shows how far it is, as its task ends; it is drained again from there, and since then', async () => {
  const { task } = await accepted('host-2');
  const since = expect.any(String) as string;
  expect(await drained('host-2')).toEqual({ state: 'draining', since, task_id: task.task_id });
  await end('host-2', task.task_id, 'failed');
  expect(await drained('host-2')).toMatchObject({ state: 'incomplete' });
  const first = (await drainRecords.get(f.kv, 'host-2'))?.value.since;
  const { task: again } = await accepted('host-2');
  await end('host-2', again.task_id, 'completed');
  expect(await drained('host-2')).toMatchObject({ state: 'drained', task_id: again.task_id });
  expect((await drainRecords.get(f.kv, 'host-2'))?.value.since).toBe(first);
  const { body } = await f.call('GET', '/v1/hosts');
  expect((body['hosts'] as { drain?: object }[]).map((host) => host.drain !== undefined)).toEqual([false, true, false]);
});

test('what stays is told with what to do about it', async () => {
  const stay = { database_id: 'shop', node_name: 'n1' };
  expect(await plan('host-2')).toMatchObject({
    moves: [],
    stays: [{ ...stay, instance_id: REPLICA, role: 'replica', reason: expect.stringContaining('nodes[0].host_ids') }],
  });
  await f.kv.commit([], [instanceNow(REPLICA, 'host-2', { role: 'replica', container: 'stopped' })]);
  expect(await plan('host-1')).toMatchObject({
    moves: [],
    stays: [{ ...stay, instance_id: PRIMARY, role: 'primary', reason: expect.stringContaining('no replica of node n1') }],
  });
  expect((await update(['host-1'])).status).toBe(200);
  expect(await plan('host-1')).toMatchObject({
    stays: [{ role: 'primary', reason: expect.stringContaining('the only instance of node n1') }],
  });
}); // prettier-ignore

test('nothing new is placed on it, and what is there stays as it was declared', async () => {
  await accepted('host-3');
  const { status, body } = await update(['host-1', 'host-2', 'host-3']);
  expect([status, body['name'], body['message']]).toEqual([
    400,
    'invalid_input',
    "nodes[0].host_ids[2]: host 'host-3' is drained: nothing new is placed on it until it is resumed",
  ]);
  const made = await f.call('POST', '/v1/databases', { spec: { ...shopSpec, nodes: [{ name: 'n1', host_ids: ['host-3'] }] } }); // prettier-ignore
  expect(made.body['message']).toContain('nodes[0].host_ids[0]');
  await accepted('host-2');
  expect((await update(['host-1', 'host-2'])).status).toBe(200);
  await settle(f, 'shop');
  const { task } = await drainRecords.get(f.kv, 'host-3').then((row) => ({ task: row?.value.taskId ?? '' }));
  await end('host-3', task, 'completed');
  expect((await resume('host-3')).body).not.toHaveProperty('drain');
  expect((await update(['host-1', 'host-2', 'host-3'])).status).toBe(200);
});

test('nobody becomes the primary there by a switchover; by a failover, yes', async () => {
  const third = 'shop-n1-ant97dj4';
  await f.kv.commit([], [instanceNow(third, 'host-3', { role: 'replica', streaming: true, lagBytes: 9 })]);
  expect((await plan('host-1'))['moves']).toEqual([{ database_id: 'shop', node_name: 'n1', instance_id: PRIMARY }]);
  const switchOver = (body: object) => f.call('POST', '/v1/databases/shop/nodes/n1/switchover', body);
  const { task } = await accepted('host-2');
  const named = await switchOver({ candidate_instance_id: REPLICA });
  expect(named.body['message']).toBe("candidate_instance_id: host 'host-2' is drained; resume it first");
  expect(await plan('host-1')).toMatchObject({ moves: [{ instance_id: PRIMARY, to: third }] });
  await accepted('host-3');
  expect((await switchOver({})).body['message']).toContain('replicas only on hosts that are drained');
  expect(await plan('host-1')).toMatchObject({ moves: [], stays: [{ role: 'primary' }] });
  await end('host-2', task.task_id, 'completed');
  await resume('host-2');
  expect((await switchOver({})).status).toBe(200);
  expect(started(f, 'switchoverNode')).toMatchObject([{ input: { candidate: REPLICA } }]);
});

test('once at a time: not while it is drained or removed, not while a switchover of it goes on', async () => {
  const refused = { status: 409, body: { name: 'operation_already_in_progress' } };
  const { task } = await accepted('host-1');
  expect(await drain('host-1')).toMatchObject(refused);
  expect(await resume('host-1')).toMatchObject({ ...refused, body: { message: expect.stringContaining(task.task_id) } });
  await end('host-1', task.task_id, 'failed');
  expect(await drain('host-1')).toMatchObject({ ...refused, body: { message: expect.stringContaining('switchover') } });
  await f.kv.commit([], [removalRecords.put({ hostId: 'host-3', taskId: 'x', updates: [] }, 'host-3')]);
  expect(await drain('host-3')).toMatchObject(refused);
  expect([(await drain('host-9')).status, (await resume('host-9')).status, (await resume('host-2')).status]).toEqual([404, 404, 200]);
}); // prettier-ignore

test('a drain whose workflow is gone is asked for again, and one that did not start is started from the outbox', async () => {
  const { task } = await accepted('host-2');
  expect(await outboxEntries.get(f.kv, task.task_id)).toMatchObject({ value: { type: 'drain_host' } });
  await taskRecords.change(f.kv, ['host', 'host-2', task.task_id], (record) => ({ ...record, status: 'running' }));
  f.temporal.running.delete(`host/host-2/beside/${task.task_id}`);
  expect((await drain('host-2')).status).toBe(200);
});
