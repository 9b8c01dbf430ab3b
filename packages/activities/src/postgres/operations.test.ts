import { MockActivityEnvironment } from '@temporalio/testing';
import type { Desired, Plan, Step } from '@windlass/resources/engine';
import { ResourceState, partOf, refKey, resourceRecords } from '@windlass/resources/engine';
import { entityFence, databaseEntity } from '@windlass/resources/entity';
import { aResource } from '@windlass/resources/testing';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import { beginWaiting } from '../core/begin-waiting.ts';
import type { ActivityDeps } from '../core/deps.ts';
import { findNode } from './find-node.ts';
import { finishTask } from '../core/finish-task.ts';
import { focusPlan } from './focus-plan.ts';
import { setStopped } from './set-stopped.ts';
import { takeEntity } from '../core/take-entity.ts';
import { workOf } from '../works.ts';
import { databaseRecords, type DatabaseRecord } from '@windlass/resources/postgres/records';
import type { ResourceRecord } from '@windlass/resources/records';
import { outboxEntries, taskLogEntries, taskRecords, type TaskRecord } from '@windlass/resources/tasks';

const times = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
const ref = { entity: { kind: 'database', id: 'shop' }, databaseId: 'shop', taskId: 't1' };
const taskKey = taskRecords.key('database', 'shop', 't1');

let kv: Kv;
beforeEach(() => (kv = createMemoryKv()));

const deps = (): ActivityDeps => {
  const state = new ResourceState(kv, entityFence);
  return {
    kv,
    state,
    work: workOf,
    clients: { dcs: { leader: () => Promise.resolve('a') } },
  } as unknown as ActivityDeps;
};
async function put(task: Partial<TaskRecord>, database: Partial<DatabaseRecord>): Promise<void> {
  const whole = { taskId: 't1', scope: 'database', entityId: 'shop', createdAt: times.createdAt, workflowId: 'w' };
  await kv.commit(
    [],
    [
      { put: taskKey, value: { ...whole, type: 'switchover', status: 'pending', ...task } },
      { put: databaseRecords.key('shop'), value: { id: 'shop', ...times, state: 'available', ...database } },
      { put: outboxEntries.key('t1'), value: {} },
    ],
  );
}
const record = async () => (await kv.get(databaseRecords.key('shop')))?.value as DatabaseRecord;
const task = async () => (await kv.get(taskKey))?.value as TaskRecord;
const log = async () =>
  (await kv.list(taskLogEntries.under('database', 'shop', 't1'))).map(
    (row) => (row.value as { message: string }).message,
  );

describe('an operation that has ended', () => {
  it.each(['completed', 'failed', 'canceled'] as const)('and %s leaves state and promises as they were', async (outcome) => {
    await put({ status: 'running' }, { openTaskId: 't1', state: 'failed', waitingFor: ['host-9'] });
    await finishTask(deps())({ ...ref, outcome });
    expect(await record()).toMatchObject({ state: 'failed', waitingFor: ['host-9'] });
    expect((await record()).openTaskId).toBeUndefined();
    expect((await task()).status).toBe(outcome);
  }); // prettier-ignore

  it('without ever having owned its database gives nothing back', async () => {
    await put({ scheduledAt: times.createdAt }, { openTaskId: 'other', state: 'modifying' });
    await finishTask(deps())({ ...ref, outcome: 'canceled' });
    expect(await record()).toMatchObject({ openTaskId: 'other', state: 'modifying' });
    expect((await task()).status).toBe('canceled');
  });
});

describe('what is to stay stopped', () => {
  const wish = (instanceId: string, stopped: boolean) => setStopped(deps())({ ...ref, instanceId, stopped });

  it('is kept once, in order, and forgotten with the last', async () => {
    await put({}, { openTaskId: 't1' });
    for (const id of ['b', 'a', 'b']) await wish(id, true);
    expect((await record()).stoppedInstances).toEqual(['a', 'b']);
    await wish('a', false);
    await wish('b', false);
    expect((await record()).stoppedInstances).toBeUndefined();
  });

  it('is not for a task that was taken over from to say', async () => {
    await put({}, { openTaskId: 'other' });
    await expect(wish('a', true)).rejects.toMatchObject({ code: 'stale_task' });
    expect((await record()).stoppedInstances).toBeUndefined();
  });
});

describe('a scheduled task', () => {
  const take = () => new MockActivityEnvironment().run(takeEntity(deps()), ref);

  it('says until when it waits, once, and leaves the outbox', async () => {
    await put({}, {});
    for (let i = 0; i < 2; i += 1) await beginWaiting(deps())({ ...ref, scheduledAt: '2040-01-01T00:00:00Z' });
    expect(await log()).toEqual(['was scheduled for 2040-01-01T00:00:00Z']);
    expect([(await task()).status, await kv.get(outboxEntries.key('t1'))]).toEqual(['pending', undefined]);
  });

  it('that is due takes a free database, and again when it is repeated', async () => {
    await put({}, {});
    await take();
    await take();
    expect([(await record()).openTaskId, (await task()).status]).toEqual(['t1', 'running']);
  });

  it('waits for the operation that runs, and begins as soon as it has ended', async () => {
    await put({}, { openTaskId: 'other' });
    const taken = take();
    while ((await log()).length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await log()).toEqual(['was due; waited for task other to end']);
    await kv.commit([], [{ put: databaseRecords.key('shop'), value: { ...(await record()), openTaskId: undefined } }]);
    await taken;
    expect((await record()).openTaskId).toBe('t1');
  });

  it('that is canceled while it waits for its turn does not take it', async () => {
    await put({}, { openTaskId: 'other' });
    const environment = new MockActivityEnvironment();
    const taken = environment.run(takeEntity(deps()), ref);
    while ((await log()).length === 0) await new Promise((resolve) => setImmediate(resolve));
    environment.cancel();
    await expect(taken).rejects.toThrow();
    expect((await record()).openTaskId).toBe('other');
  });

  it('of a database that is gone fails', async () => {
    await put({}, {});
    await kv.commit([], [{ remove: databaseRecords.key('shop') }]);
    await expect(take()).rejects.toMatchObject({ code: 'not_found' });
  });
});

it('a node is its instances as stored, its leader as etcd tells, and who is to stay stopped', async () => {
  await put({}, { stoppedInstances: ['b'] });
  const instance = (id: string, nodeName: string, hostId: string) => ({
    put: resourceRecords.key(partOf(databaseEntity('shop')), refKey({ kind: 'postgres.instance', id })),
    value: aResource('postgres.instance', id, { spec: { instanceId: id, nodeName, hostId } }),
  });
  await kv.commit([], [instance('a', 'n1', 'h1'), instance('b', 'n1', 'h2'), instance('c', 'n2', 'h1')]);
  expect(await findNode(deps())({ databaseId: 'shop', nodeName: 'n1' })).toEqual({
    scope: 'shop:n1',
    leader: 'a',
    members: [
      { instanceId: 'a', queue: 'host.h1', stopped: false },
      { instanceId: 'b', queue: 'host.h2', stopped: true },
    ],
  });
});

describe('a plan for one instance', () => {
  const SPECS: Record<string, Record<string, string>> = {
    'swarm.service::a': { instanceId: 'a', scope: 's' },
    'swarm.service::b': { instanceId: 'b', scope: 's' },
    'postgres.instance::a': { instanceId: 'a', nodeName: 'n1', scope: 's' },
    'patroni.config::a': { instanceId: 'a', scope: 's' },
    'postgres.roles::n1': { nodeName: 'n1', scope: 's' },
    'postgres.roles::n2': { nodeName: 'n2', scope: 's2' },
    'swarm.network::x': {},
  };
  const refOf = (key: string) => ({ kind: key.split('::')[0] ?? '', id: key.split('::')[1] ?? '' });
  const executor = { on: 'any' } as const;
  const desired = Object.entries(SPECS).map(([key, spec]): Desired => ({ ref: refOf(key), spec, executor, dependsOn: [], version: 1 }) as Desired); // prettier-ignore
  const steps = [...Object.keys(SPECS), 'swarm.service::old'].map((key, i): Step => ({
    action: key.endsWith('old') ? 'delete' : 'update',
    ref: refOf(key),
    reason: 'spec_changed',
    fields: [],
    executor,
    after: i === 0 ? [] : [i - 1],
  }));
  const focus = (on: 'container' | 'node'): Plan =>
    focusPlan({ steps }, { desired, current: [] }, { instanceId: 'a', nodeName: 'n1', scope: 's', on });
  const ids = (plan: Plan) => plan.steps.map((s) => `${s.ref.kind}::${s.ref.id}`);

  it('touches nothing but whether it runs', () => {
    const plan = focus('container');
    expect(ids(plan)).toEqual(['swarm.service::a', 'postgres.instance::a']);
    expect(plan.steps.map((s) => s.after)).toEqual([[], []]);
  });

  it('or all of it and of its node, nothing of others, and deletes nothing', () => {
    expect(ids(focus('node'))).toEqual([
      'swarm.service::a',
      'postgres.instance::a',
      'patroni.config::a',
      'postgres.roles::n1',
      'swarm.network::x',
    ]);
    expect(focus('node').steps.map((s) => s.after)).toEqual([[], [], [1], [2], []]);
  });

  it('but what could not be deleted while its node was stopped, and says of nothing else that it waits', () => {
    const left = (key: string, within: string | undefined, ...uses: string[]) =>
      ({
        ref: refOf(key),
        ...(within !== undefined && { within: refOf(within) }),
        dependsOn: uses.map((use) => ({ ref: refOf(use) })),
      }) as unknown as ResourceRecord;
    const node = 'patroni.cluster::s';
    const cluster = { ref: refOf(node), spec: { scope: 's' } } as unknown as Desired;
    const current = [left('x::in', node, 'x::used'), left('x::used', undefined), left('x::b', 'patroni.cluster::s2')];
    const all = [...current, left('x::else', undefined)].map(({ ref }): Step => ({ ...(steps[0] as Step), action: 'delete', ref })); // prettier-ignore
    const waiting = ['postgres.roles::n1', 'postgres.roles::n2'].map((key): Step => ({ ...(steps[0] as Step), ref: refOf(key) })); // prettier-ignore
    const at = (on: 'container' | 'node'): Plan => focusPlan({ steps: all, waiting }, { desired: [...desired, cluster], current }, { instanceId: 'a', nodeName: 'n1', scope: 's', on }); // prettier-ignore
    expect([ids(at('node')), ids(at('container'))]).toEqual([['x::in', 'x::used'], []]);
    expect(at('node').waiting?.map((s) => s.ref.id)).toEqual(['n1']);
    expect(at('container').waiting).toBeUndefined();
  });
});
