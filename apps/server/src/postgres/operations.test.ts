import { keys } from '@windlass/resources/store';
import { Sweeper } from '../core/tasks/sweeper.ts';
import { changeShop, PRIMARY as A, REPLICA as B } from '../testing/contract-world.ts';
import type { Fixture } from '../testing/fixture.ts';
import { DOWN, openTwoNodes, OTHER, sampleOf, type Sample } from '../testing/two-nodes.ts';
import { databaseRecords, type DatabaseRecord } from '@windlass/resources/postgres/records';
import { outboxEntries, taskRecords, type TaskRecord } from '@windlass/resources/tasks';

const url = (path: string): string => `/v1/databases/shop/${path}`;

let f: Fixture;
beforeEach(async () => void (f = await openTwoNodes()));
afterEach(() => f.app.close());

const put = (change: Partial<DatabaseRecord>) => changeShop(f, change);
const sample = (...about: Sample) => sampleOf(f, ...about);
const fail = (err: unknown): never => {
  throw err;
};
const record = async () => (await f.kv.get(databaseRecords.key('shop')))?.value as DatabaseRecord;
const post = (path: string, body?: unknown, headers = {}) => f.call('POST', url(path), body, headers);
const later = (): string => new Date(Date.now() + 3_600_000).toISOString();

const OPERATIONS = [
  ['switchover', 'nodes/n1/switchover', undefined, { type: 'switchover', node_name: 'n1' }],
  ['switchover to a candidate', 'nodes/n1/switchover', { candidate_instance_id: B }, { type: 'switchover', node_name: 'n1', instance_id: B }],
  ['failover', 'nodes/n1/failover', {}, { type: 'failover', node_name: 'n1' }],
  ['forced failover', 'nodes/n1/failover', { skip_validation: true, candidate_instance_id: B }, { type: 'failover', node_name: 'n1', instance_id: B }],
  ['restart', `instances/${A}/restart`, { DatabaseID: 'x', InstanceID: 'y', ScheduledAt: null }, { type: 'restart_instance', instance_id: A }],
  ['stop', `instances/${A}/stop-instance?force=false`, undefined, { type: 'stop_instance', instance_id: A, host_id: 'host-1' }],
] as const; // prettier-ignore

test.each(OPERATIONS)(
  '%s: answered with a pending task, stored whole, owning the database without moving its state',
  async (_what, path, body, task) => {
    const answer = await post(path, body);
    expect(answer).toMatchObject({ status: 200, body: { task: { ...task, status: 'pending', database_id: 'shop' } } });
    expect(Object.keys(answer.body)).toEqual(['task']);
    const { task_id: id } = answer.body['task'] as { task_id: string };
    expect(await record()).toMatchObject({ state: 'available', openTaskId: id });
    expect(f.temporal.started).toMatchObject([{ id: 'database/shop', input: { taskId: id, databaseId: 'shop' } }]);
    const shown = (await f.call('GET', url(`tasks/${id}`))).body;
    expect(shown).toMatchObject(task);
    expect(['node_name', 'instance_id', 'host_id'].filter((field) => field in shown && !(field in task))).toEqual([]);
    expect((await f.call('GET', '/v1/databases/shop')).body['state']).toBe('available');
  },
);

test.each(OPERATIONS)('%s: refused for an unknown database', async (_what, path, body) => {
  const unknown = await f.call('POST', `/v1/databases/none/${path}`, body);
  expect([unknown.status, unknown.headers['goa-error']]).toEqual([404, 'not_found']);
});

test.each(OPERATIONS)('%s: refused before the cluster is initialised', async (_what, path, body) => {
  await f.kv.commit([], [{ remove: keys.cluster }]);
  expect((await post(path, body)).body['name']).toBe('cluster_not_initialized');
});

test.each(OPERATIONS)('%s: while another operation runs it is 409', async (_what, path, body) => {
  await post(`instances/${OTHER}/restart`, {});
  const answer = await post(path, body);
  expect([answer.status, answer.headers['goa-error']]).toEqual([409, 'operation_already_in_progress']);
  expect(f.temporal.started).toHaveLength(1);
});

test.each(OPERATIONS)('%s: a lost start is made up for, the same key answers the same', async (_what, path, body) => {
  f.temporal.down = true;
  const first = await post(path, body, { 'idempotency-key': 'k' });
  f.temporal.down = false;
  expect(await post(path, body, { 'idempotency-key': 'k' })).toMatchObject({ status: 200, body: first.body });
  expect(await f.kv.list('outbox/')).toHaveLength(1);
});

test.each(OPERATIONS.filter(([what]) => what !== 'restart'))(
  '%s: a database that is being changed refuses it',
  async (_what, path, body) => {
    await put({ state: 'modifying', openTaskId: 'other' });
    expect((await post(path, body)).headers['goa-error']).toBe('database_not_modifiable');
  },
);

const OLD = '2020-01-01T00:00:00Z';
test.each([
  ['a node that is not in the spec', 'nodes/n7/switchover', {}, 400, 'invalid_input', 'node not in db spec: n7'],
  ['a node that has one instance', 'nodes/n2/switchover', {}, 400, 'invalid_input', 'node n2 has no replica'],
  ['a node whose name is none', 'nodes/x/switchover', {}, 400, 'invalid_pattern', 'node_name must match'],
  ['an unknown candidate', 'nodes/n1/switchover', { candidate_instance_id: 'x' }, 404, 'not_found', 'instance not found'],
  ['a candidate of another node', 'nodes/n1/switchover', { candidate_instance_id: OTHER }, 400, 'invalid_input', `candidate instance ${OTHER} does not belong to node n1`],
  ['the primary as candidate', 'nodes/n1/switchover', { candidate_instance_id: A }, 400, 'invalid_input', 'is the primary'],
  ['a candidate without a name', 'nodes/n1/switchover', { candidate_instance_id: '' }, 400, 'invalid_length', 'body.candidate_instance_id'],
  ['a candidate of 64 characters', 'nodes/n1/switchover', { candidate_instance_id: 'x'.repeat(64) }, 400, 'invalid_length', '(len=64)'],
  ['a candidate that is no text', 'nodes/n1/failover', { candidate_instance_id: 7 }, 400, 'decode_payload', 'candidate_instance_id'],
  ['a switch that is no boolean', 'nodes/n1/failover', { skip_validation: 'yes' }, 400, 'decode_payload', 'skip_validation'],
  ['a time in the past', 'nodes/n1/switchover', { scheduled_at: OLD }, 400, 'invalid_input', 'scheduled_at must be in the future'],
  ['a time without offset', 'nodes/n1/switchover', { scheduled_at: '2040-01-01T00:00:00' }, 400, 'invalid_format', 'date-time'],
  ['February 30', `instances/${A}/restart`, { scheduled_at: '2040-02-30T00:00:00Z' }, 400, 'invalid_format', 'date-time'],
  ['a body that is no object', 'nodes/n1/failover', [], 400, 'decode_payload', 'object'],
  ['a restart without a body', `instances/${A}/restart`, undefined, 400, 'missing_payload', 'missing required payload'],
  ['a restart of an unknown instance', 'instances/x/restart', {}, 404, 'not_found', 'instance not found'],
  ['a stop of an unknown instance', 'instances/x/stop-instance', undefined, 404, 'not_found', 'instance not found'],
  ['a start of an unknown instance', 'instances/x/start-instance', undefined, 404, 'not_found', 'instance not found'],
  ['a start of a running instance', `instances/${A}/start-instance`, undefined, 400, 'invalid_input', 'is not startable, it is in available state'],
  ['a stop with a bad switch', `instances/${A}/stop-instance?force=maybe`, undefined, 400, 'invalid_field_type', 'force'],
])('%s is refused and nothing is stored', async (_what, path, body, status, name, message) => {
  const answer = await post(path, body);
  expect([answer.status, answer.body['name']]).toEqual([status, name]);
  expect(answer.body['message']).toContain(message);
  expect([(await record()).openTaskId, await f.kv.list('tasks/')]).toEqual([undefined, []]);
}); // prettier-ignore

test('a stopped instance can be started, not stopped or restarted', async () => {
  await sample(A, 'n1', 'host-1', DOWN);
  const stop = await post(`instances/${A}/stop-instance`);
  expect(stop.body['message']).toBe(`instance ${A} is not stoppable, it is in stopped state`);
  const restart = await post(`instances/${A}/restart`, {});
  expect(restart.body['message']).toBe(`instance ${A} is not restartable, it is in stopped state`);
  const start = await post(`instances/${A}/start-instance`);
  expect(start.body['task']).toMatchObject({ type: 'start_instance', instance_id: A, host_id: 'host-1' });
});

test('a scheduled operation waits in a workflow of its own and leaves the database to others', async () => {
  const scheduled = await post('nodes/n1/switchover', { scheduled_at: later() });
  const { task_id: id } = scheduled.body['task'] as { task_id: string };
  expect((await record()).openTaskId).toBeUndefined();
  expect((await post(`instances/${A}/restart`, { scheduled_at: later() })).status).toBe(200);
  expect((await post(`instances/${A}/restart`, {})).status).toBe(200);
  expect(f.temporal.started.map((s) => s.id)).toEqual([
    `database/shop/scheduled/${id}`,
    expect.stringMatching(/^database\/shop\/scheduled\//),
    'database/shop',
  ]);
  await put({ openTaskId: undefined });
  const second = await post('nodes/n1/switchover', {});
  expect(second).toMatchObject({ status: 409, body: { name: 'operation_already_in_progress' } });
  expect(second.body['message']).toBe('switchover already in progress for database shop node n1');
  expect((await f.call('GET', url(`tasks/${id}/cancel`))).body['status']).toBe('canceling');
  expect(f.temporal.canceled).toEqual([`database/shop/scheduled/${id}`]);
});

test('the cancel of a scheduled one is never lost', async () => {
  const { task_id: id } = (await post('nodes/n1/switchover', { scheduled_at: later() })).body['task'] as { task_id: string }; // prettier-ignore
  await f.kv.commit([], [{ remove: outboxEntries.key(id) }]);
  f.temporal.down = true;
  expect((await f.call('GET', url(`tasks/${id}/cancel`))).body['status']).toBe('canceling');
  f.temporal.down = false;
  const sweeper = new Sweeper(f.deps, fail);
  await sweeper.sweep();
  expect(f.temporal.canceled).toEqual([`database/shop/scheduled/${id}`]);
  f.temporal.running.clear();
  await sweeper.sweep();
  expect((await f.call('GET', url(`tasks/${id}`))).body['status']).toBe('canceled');
  expect((await record()).state).toBe('available');
  expect((await post('nodes/n1/switchover', {})).status).toBe(200);
});

test('a delete cancels what waits for its time', async () => {
  const { task_id: id } = (await post('nodes/n1/switchover', { scheduled_at: later() })).body['task'] as { task_id: string }; // prettier-ignore
  expect((await f.call('DELETE', '/v1/databases/shop')).status).toBe(200);
  expect((await f.call('GET', url(`tasks/${id}`))).body['status']).toBe('canceling');
  expect(f.temporal.canceled).toEqual([`database/shop/scheduled/${id}`]);
});

test('a delete takes over from an operation only when forced', async () => {
  await post(`instances/${A}/restart`, {});
  expect((await f.call('DELETE', '/v1/databases/shop')).headers['goa-error']).toBe('operation_already_in_progress');
  expect((await f.call('DELETE', '/v1/databases/shop?force=true')).status).toBe(200);
});

test('a restart whose time has passed is done now', async () => {
  expect((await post(`instances/${A}/restart`, { scheduled_at: OLD })).status).toBe(200);
  expect(f.temporal.started).toMatchObject([{ id: 'database/shop', type: 'restartInstance' }]);
});

test('of two at once one is accepted', async () => {
  const answers = await Promise.all([post('nodes/n1/switchover'), post(`instances/${A}/stop-instance`)]);
  expect(answers.map((a) => a.status).sort()).toEqual([200, 409]);
  const scheduled = { scheduled_at: later() };
  await put({ openTaskId: undefined });
  await f.kv.commit([], [{ removePrefix: 'tasks/' }]);
  const both = await Promise.all([post('nodes/n1/switchover', scheduled), post('nodes/n1/switchover', scheduled)]);
  expect(both.map((a) => a.status).sort()).toEqual([200, 409]);
});

test('a forced stop takes over from what runs, and what was changed has failed', async () => {
  const restart = (await post(`instances/${A}/restart`, {})).body['task'] as { task_id: string };
  await put({ state: 'modifying' });
  expect((await post(`instances/${A}/stop-instance?force=true`)).status).toBe(200);
  expect(((await f.kv.get(taskRecords.key('database', 'shop', restart.task_id)))?.value as TaskRecord).status).toBe(
    'canceled',
  );
  expect((await record()).state).toBe('failed');
  await put({ state: 'deleting' });
  expect((await post(`instances/${A}/stop-instance?force=true`)).body['name']).toBe('database_not_modifiable');
});
