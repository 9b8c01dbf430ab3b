import { MockActivityEnvironment } from '@temporalio/testing';
import { partOf, planParts, refKey, ResourceState, type Context } from '@windlass/resources/engine';
import type { Clients } from '@windlass/resources/postgres/clients';
import { databaseRecords } from '@windlass/resources/postgres/records';
import { loadSqlParser } from '@windlass/resources/postgres/spec';
import { databaseEntity, entityFence } from '@windlass/resources/entity';
import type { Kv } from '@windlass/resources/store';
import { makeTask, taskRecords } from '@windlass/resources/tasks';
import { publication, publish } from '@windlass/resources/testing';
import { applyStep } from '../core/apply-step.ts';
import { beginTask } from '../core/begin-task.ts';
import { finishTask } from '../core/finish-task.ts';
import { planChange } from '../core/plan-change.ts';
import { refreshHost } from '../core/refresh-host.ts';
import { CHANGES } from '../testing/golden-changes.ts';
import { at } from '../testing/golden-specs.ts';
import { DATABASE, depsOf, type Change } from '../testing/golden-world.ts';

beforeAll(loadSqlParser);

const entity = databaseEntity(DATABASE);

/** The same store; `reads` gets what is read of it. */
function watched(kv: Kv, reads: string[]): Kv {
  const get: Kv['get'] = (key) => (reads.push(key), kv.get(key));
  const list: Kv['list'] = (under, options) => (reads.push(`${under}*`), kv.list(under, options));
  return { ...kv, get, list };
}

async function readsOf(change: Change) {
  const { deps, revision } = await depsOf(change, change.before && at(1));
  const reads: string[] = [];
  const kv = watched(deps.kv, reads);
  const watchedDeps = { ...deps, kv, state: new ResourceState(kv, entityFence) };
  const { image, only } = change;
  const wish = { ...(revision !== undefined && { revision }), ...(image !== undefined && { image }), ...(only && { only }) };
  await planChange(watchedDeps)({ entity, taskId: 't', findings: [], unreachable: [], ...wish });
  return reads;
} // prettier-ignore

const answered = CHANGES.filter(({ away }) => away === undefined);
it.each(answered.map((change) => [change.name, change] as const))('planning reads nothing twice: %s', async (_name, change) => {
  const reads = await readsOf(change);
  expect(reads).toEqual([...new Set(reads)]);
}); // prettier-ignore

const [first] = answered.flatMap(({ after }) => (after ? [after] : []));
const NOTHING: Change = { name: 'nothing', what: 'nothing is to be done', ...(first && { before: first, after: first }) }; // prettier-ignore

/** A database with nothing to do and a task that owns it; `calls` gets what is asked of its store. */
async function owned() {
  const { deps, revision } = await depsOf(NOTHING, at(1));
  const record = await databaseRecords.get(deps.kv, DATABASE);
  const task = makeTask({ scope: entity.kind, entityId: entity.id, taskId: 't', type: 'update', workflowId: '' }, new Date()); // prettier-ignore
  const writes = [taskRecords.put(task, entity.kind, entity.id, 't')];
  if (record) writes.push(databaseRecords.put({ ...record.value, openTaskId: 't', tenantId: 'acme' }, DATABASE));
  await deps.kv.commit([], writes);
  const calls: string[] = [];
  const watchedKv = watched(deps.kv, calls);
  const kv: Kv = { ...watchedKv, commit: (...of) => (calls.push('commit'), deps.kv.commit(...of)) };
  return { deps: { ...deps, kv, state: new ResourceState(kv, entityFence) }, calls, revision };
}
const input = { entity, taskId: 't' };
const OWNER = 'databases/shop';
const TASK = 'tasks/database/shop/t';
const ALL = 'resources/shop/*';
const MANAGERS = 'hosts/*';
const PRIMARY = `resources/shop/postgres.instance::${at(1)}`;

test('what an update with nothing to do asks of the store', async () => {
  const { deps, calls, revision = 0 } = await owned();
  const asked = async (work: () => Promise<unknown>) => (await work(), calls.splice(0));
  const { refreshQueues } = await beginTask(deps)(input);
  expect(calls.splice(0).sort()).toEqual(['commit', 'commit', OWNER, MANAGERS, PRIMARY, ALL, TASK].sort());
  for (const queue of refreshQueues) {
    const look = () => new MockActivityEnvironment().run(refreshHost(deps), { ...input, queue });
    expect(await asked(look)).toEqual([ALL, MANAGERS, PRIMARY]);
  }
  const plan = () => planChange(deps)({ ...input, revision, findings: [], unreachable: [] });
  expect(await asked(plan)).toEqual([ALL, 'specs/shop', OWNER, 'hosts/host-1', 'commit', 'commit']);
  const finish = () => finishTask(deps)({ ...input, outcome: 'completed' });
  const before = [TASK, 'plans/shop/t'];
  const end = [TASK, OWNER, 'outbox/t', 'instance-status/shop/*', ALL, 'commit'];
  expect(await asked(finish)).toEqual([...before, ...end]);
});

test('a step reads what it applies, who owns the database, and itself; the tenant comes with the owner', async () => {
  const { deps, calls } = await owned();
  const tenants: unknown[] = [];
  const made = { ...publication, create: (_spec: unknown, { owner }: Context<object>) => (tenants.push(owner.tenantId), Promise.resolve({})) }; // prettier-ignore
  const desired = { ...publish(), dependsOn: [] };
  const step = { action: 'create', reason: 'missing', ref: desired.ref, executor: desired.executor, fields: [], after: [] } as const; // prettier-ignore
  await deps.kv.commit([], [planParts.put(desired, partOf(entity), 't', refKey(desired.ref))]);
  calls.length = 0;
  const host = { host: { hostId: 'host-1' } } as Clients;
  const apply = applyStep({ ...deps, clients: host, kind: () => made as unknown as ReturnType<typeof deps.kind> });
  expect(await new MockActivityEnvironment().run(apply, { ...input, step })).toEqual({ outcome: 'applied' });
  const itself = `resources/shop/${refKey(desired.ref)}`;
  const told = ['commit', 'commit'];
  const stored = ['commit', 'commit'];
  expect([...calls].sort()).toEqual([...told, ...stored, `plans/shop/t/${refKey(desired.ref)}`, OWNER, itself].sort());
  expect(tenants).toEqual(['acme']);
});
