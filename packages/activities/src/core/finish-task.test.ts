import { ResourceState, partOf, planRecords, refKey, resourceRecords } from '@windlass/resources/engine';
import { entityFence, databaseEntity } from '@windlass/resources/entity';
import { aResource } from '@windlass/resources/testing';
import {
  instanceStatuses,
  databaseRecords,
  databaseSpecs,
  type DatabaseRecord,
} from '@windlass/resources/postgres/records';
import { createMemoryKv, keys, type Kv } from '@windlass/resources/store';
import { finishTask } from './finish-task.ts';
import { workOf } from '../works.ts';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';

const ref = { entity: { kind: 'database', id: 'shop' }, taskId: 't1' };

const task: TaskRecord = {
  taskId: 't1',
  scope: 'database',
  entityId: 'shop',
  type: 'create',
  status: 'running',
  createdAt: '2026-01-01T00:00:00Z',
  workflowId: 'database/shop',
};
const record: DatabaseRecord = {
  id: 'shop',
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  state: 'creating',
  openTaskId: 't1',
};

async function store(more: Partial<TaskRecord> = {}, owner = 't1'): Promise<Kv> {
  const kv = createMemoryKv();
  await kv.commit(
    [],
    [
      { put: taskRecords.key('database', 'shop', 't1'), value: { ...task, ...more } },
      { put: databaseRecords.key('shop'), value: { ...record, openTaskId: owner } },
      { put: databaseSpecs.key('shop'), value: {} },
      { put: keys.secret('database/shop/user/app'), value: {} },
    ],
  );
  return kv;
}
const status = (instanceId: string) =>
  instanceStatuses.put(
    {
      ...{ instanceId, databaseId: 'shop', nodeName: 'n1', hostId: 'h1', addresses: [], container: 'running' },
      ...{ createdAt: record.createdAt, sampledAt: record.createdAt, writable: true },
    },
    'shop',
    instanceId,
  );
const finish = (kv: Kv, outcome: 'completed' | 'failed' | 'canceled', error?: string) =>
  finishTask({ kv, state: new ResourceState(kv, entityFence), work: workOf })({
    ...ref,
    outcome,
    ...(error !== undefined && { error }),
  });
const stateOf = async (kv: Kv) => (await kv.get(databaseRecords.key('shop')))?.value as DatabaseRecord | undefined;
const taskOf = async (kv: Kv) => (await kv.get(taskRecords.key('database', 'shop', 't1')))?.value as TaskRecord;

test.each([
  ['completed', 'available'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
] as const)('a %s task leaves the database %s and gives it back', async (outcome, state) => {
  const kv = await store();
  await finish(kv, outcome, 'why');
  expect(await stateOf(kv)).toEqual({ ...record, state, openTaskId: undefined });
  expect(await taskOf(kv)).toMatchObject({ status: outcome, completedAt: expect.any(String) as string });
});

test('the status of an instance that was removed goes, those of the others stay', async () => {
  const kv = await store({ type: 'update' });
  const kept = {
    put: resourceRecords.key(partOf(databaseEntity('shop')), refKey({ kind: 'postgres.instance', id: 'a' })),
    value: aResource('postgres.instance', 'a'),
  };
  await kv.commit([], [kept, status('a'), status('b')]);
  await finish(kv, 'completed');
  expect((await instanceStatuses.list(kv, ['shop'])).map(({ value }) => value.instanceId)).toEqual(['a']);
});

test('a completed delete forgets everything but the task', async () => {
  const kv = await store({ type: 'delete' });
  await finish(kv, 'completed');
  expect((await kv.list('')).map((row) => row.key)).toEqual([taskRecords.key('database', 'shop', 't1')]);
});

test('a task that lost its database ends without touching it', async () => {
  const kv = await store({}, 't2');
  await finish(kv, 'failed', 'late');
  expect(await stateOf(kv)).toMatchObject({ state: 'creating', openTaskId: 't2' });
});

test('an end is written once', async () => {
  const kv = await store();
  await finish(kv, 'canceled');
  await finish(kv, 'completed');
  expect((await taskOf(kv)).status).toBe('canceled');
});

describe('hosts that are gone', () => {
  const instance = (id: string, hostId: string) =>
    aResource('postgres.instance', id, { executor: { on: 'host', hostId } });
  const refs = async () => (await kv.list('resources/')).map((row) => row.key);
  let kv: Kv;
  beforeEach(async () => {
    kv = await store({ type: 'update' });
    const [a, b] = [instance('shop-n1-a', 'h1'), instance('shop-n1-b', 'h2')];
    await kv.commit(
      [],
      [
        ...[a, b].map((value) => ({
          put: resourceRecords.key(partOf(databaseEntity('shop')), refKey(value.ref)),
          value,
        })),
        status('shop-n1-a'),
        status('shop-n1-b'),
        {
          put: planRecords.key(partOf(databaseEntity('shop')), 't1'),
          value: { steps: [], sentences: [], givenUp: [b.ref], createdAt: '' },
        },
      ],
    );
  });
  const end = (outcome: 'completed' | 'failed') =>
    finishTask({ kv, state: new ResourceState(kv, entityFence), work: workOf })({ ...ref, outcome });

  test('what was given up is forgotten, with the status of its instance', async () => {
    await end('completed');
    expect(await refs()).toEqual([
      resourceRecords.key(partOf(databaseEntity('shop')), refKey({ kind: 'postgres.instance', id: 'shop-n1-a' })),
    ]);
    expect((await kv.list('instance-status/')).map((row) => row.key)).toEqual([
      instanceStatuses.key('shop', 'shop-n1-a'),
    ]);
    await end('completed');
  });

  test('a task that failed gives nothing up', async () => {
    await end('failed');
    expect((await refs()).length).toBe(2);
    expect((await kv.list('instance-status/')).length).toBe(2);
  });
});
