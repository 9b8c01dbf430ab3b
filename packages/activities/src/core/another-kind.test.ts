import { MockActivityEnvironment } from '@temporalio/testing';
import { entityKey, ResourceState, type EntityRef, type Finding } from '@windlass/resources/engine';
import {
  entityFence,
  entityRecords,
  recordsOf,
  referenceRecords,
  referTo,
  refuseReferenced,
  type EntityRecord,
  type EntityState,
} from '@windlass/resources/entity';
import { databaseSpecs } from '@windlass/resources/postgres/records';
import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';
import type { StoredSpec } from '@windlass/resources/postgres/spec';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import { accept, openTask, outboxEntries, ownedBy, type OpenedTask } from '@windlass/resources/tasks';
import { createFakeDcs, kindOf, simulatedKinds } from '@windlass/resources/testing';
import { applyStep } from './apply-step.ts';
import { beginTask } from './begin-task.ts';
import type { ActivityDeps } from './deps.ts';
import type { EntityWork } from './entity-work.ts';
import { finishTask } from './finish-task.ts';
import { placeStep } from './place-step.ts';
import { planChange } from './plan-change.ts';
import { refreshHost } from './refresh-host.ts';
import { workOf } from '../works.ts';

const database = { kind: 'database', id: 'shop' };
const thing = { kind: 'thing', id: 'shop' };
const times = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
const host: HostRecord = {
  id: 'host-1', dataDir: '/data', swarmNodeId: 'node-1', controlAvailable: true, peerAddresses: [], clientAddresses: ['192.0.2.7'], cpus: 8,
  memoryBytes: 2 ** 36, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], components: {}, seenAt: times.createdAt,
}; // prettier-ignore
const stored: StoredSpec = {
  spec: {
    database_name: 'shop',
    postgres_version: '17.6',
    port: 0,
    nodes: [{ name: 'n1', host_ids: ['host-1'] }],
  },
  passwordVersions: {},
};

/** Has a network, and nothing to say of it. */
const thingWork: EntityWork = {
  kind: 'thing',
  desired: (_deps, { id }) => Promise.resolve([kindOf(simulatedKinds, 'swarm.network').want({ name: `thing-${id}` })]),
};

let kv: Kv;
let deps: ActivityDeps;
let revision: number;

beforeEach(async () => {
  kv = createMemoryKv();
  deps = {
    kv,
    state: new ResourceState(kv, entityFence),
    clients: { dcs: createFakeDcs(), host: { hostId: 'host-1' } },
    kind: (name: string) => kindOf(simulatedKinds, name),
    work: (kind: string) => (kind === 'thing' ? thingWork : workOf(kind)),
  } as unknown as ActivityDeps;
  await kv.commit([], [hostRecords.put(host, host.id)]);
  revision = Number(await kv.commit([], [databaseSpecs.put(stored, 'shop')]));
});

type Change = 'create' | 'update' | 'delete';

/** Accepts a task as the server does: its id, its record in charge, its entry in the outbox. */
async function acceptIt(entity: EntityRef, type: Change, state: EntityState): Promise<OpenedTask> {
  const opened = openTask({ entity, type, input: {}, taskId: `${type}-${entity.kind}` }, new Date());
  const records = recordsOf(entity);
  const before = await records.get(kv, entity.id);
  const becomes = ownedBy<EntityRecord>(opened.task, { id: entity.id, ...times, state });
  await accept(kv, { doing: undefined, ...opened, holder: { records, revision: before?.revision ?? 0, becomes } });
  return opened;
}

/** Does a task of an entity as its workflow would, up to its end. */
async function change(entity: EntityRef, type: Change, state: EntityState): Promise<() => Promise<void>> {
  const { entry, task } = await acceptIt(entity, type, state);
  const { taskId } = task;
  expect([task.workflowId, await outboxEntries.get(kv, taskId)]).toMatchObject([entityKey(entity), { value: entry }]);
  const input = { entity, taskId };
  const { refreshQueues } = await beginTask(deps)(input);
  expect(await outboxEntries.get(kv, taskId)).toBeUndefined();
  const findings: Finding[] = [];
  const look = async (queue: string) => void findings.push(...(await refreshHost(deps)({ ...input, queue })));
  for (const queue of refreshQueues) await new MockActivityEnvironment().run(look, queue);
  const wish = type === 'delete' ? {} : { revision };
  const { steps } = await planChange(deps)({ ...input, ...wish, findings, unreachable: [] });
  for (const { queue: _queue, slow: _slow, ...step } of steps)
    await new MockActivityEnvironment().run(applyStep(deps), { ...input, step });
  return () => finishTask(deps)({ ...input, outcome: 'completed' });
}

const keysUnder = async (prefix: string): Promise<string[]> => (await kv.list(prefix)).map(({ key }) => key);
const stateOf = async (entity: EntityRef) => (await recordsOf(entity).get(kv, entity.id))?.value.state;

test('two entities of one id and two kinds live side by side: each has its own record, resources, plan and task', async () => {
  const ends = [await change(database, 'create', 'creating'), await change(thing, 'create', 'creating')];
  for (const end of ends) await end();
  expect([await stateOf(database), await stateOf(thing)]).toEqual(['available', 'available']);
  expect(await keysUnder('resources/thing.shop/')).toEqual(['resources/thing.shop/swarm.network::thing-shop']);
  expect(await keysUnder('resources/shop/')).toContain('resources/shop/postgres.database::n1:shop');
  expect(await keysUnder('plans/')).toEqual(['plans/shop/create-database', 'plans/thing.shop/create-thing']);
  expect(await keysUnder('tasks/')).toEqual(['tasks/database/shop/create-database', 'tasks/thing/shop/create-thing']);
  expect((await keysUnder('task-logs/thing/shop/create-thing/')).length).toBeGreaterThan(1);
});

test('a kind without hooks is deleted as a whole, and leaves the database of its id alone', async () => {
  await (
    await change(database, 'create', 'creating')
  )();
  const before = await kv.list('');
  await kv.commit([], [{ put: 'specs/thing.shop', value: {} }]);
  await (
    await change(thing, 'create', 'creating')
  )();
  await (
    await change(thing, 'delete', 'deleting')
  )();
  expect(await entityRecords('thing').get(kv, 'shop')).toBeUndefined();
  const after = (await kv.list('')).filter(({ key }) => !/^task(s|-logs)\/thing\//.test(key));
  expect(after).toEqual(before);
});

test('what refers to another keeps it from being deleted until it is gone itself', async () => {
  await (
    await change(database, 'create', 'creating')
  )();
  const { expect: unchanged, writes } = await referTo(kv, thing, [], [database]);
  await kv.commit(unchanged, writes);
  const end = await change(thing, 'delete', 'deleting');
  await expect(refuseReferenced(kv, database)).rejects.toMatchObject({ code: 'in_use' });
  await end();
  await refuseReferenced(kv, database);
  expect(await keysUnder(referenceRecords.under())).toEqual([]);
});

test('a task of the one does not own the other, whatever its id', async () => {
  await change(thing, 'create', 'creating');
  await change(database, 'create', 'creating');
  await expect(beginTask(deps)({ entity: thing, taskId: 'create-database' })).rejects.toMatchObject({
    code: 'stale_task',
  });
});

test('what a kind has no hook for is refused in words', async () => {
  const at = placeStep(deps)({ entity: thing, executor: { on: 'primary', node: 'n1' } });
  await expect(at).rejects.toThrow('a thing has no primary');
  await change(thing, 'create', 'creating');
  const only = { instanceId: 'a' };
  const part = planChange(deps)({ entity: thing, taskId: 't', revision, findings: [], unreachable: [], only });
  await expect(part).rejects.toThrow('no operation is on a part of a thing');
  expect(() => workOf('thing')).toThrow("does not know the entity kind 'thing'");
});
