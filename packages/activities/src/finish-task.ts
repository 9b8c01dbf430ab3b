import {
  keys,
  isTerminal,
  type DatabaseRecord,
  type InstanceStatus,
  type KvWrite,
  type Leftovers,
  type ResourceRecord,
  type StoredPlan,
  type TaskRecord,
} from '@windlass/resources/store';
import { databaseTask, endTask, givenBack, taskRecords, traitsOf, type TaskEnd } from '@windlass/resources/tasks';
import type { ActivityDeps } from './deps.ts';
import { appendTaskLog } from './task-log.ts';

export interface FinishTaskInput {
  readonly databaseId: string;
  readonly taskId: string;
  readonly outcome: 'completed' | 'failed' | 'canceled';
  readonly error?: string;
  /** What there is to say of a cancel. */
  readonly note?: string;
  /** It ended before it changed anything: the database is what it was. */
  readonly untouched?: boolean;
}

/** Records how the task ended and what that means for the database, in one transaction. Repeating it changes nothing. */
export function finishTask({ kv, state }: Pick<ActivityDeps, 'kv' | 'state'>) {
  return async function finishTask(input: FinishTaskInput): Promise<void> {
    const { databaseId, taskId, outcome } = input;
    const before = await taskRecords.get(kv, 'database', databaseId, taskId);
    if (!before || isTerminal(before.value)) return;
    if (outcome === 'canceled') {
      if (input.note !== undefined) await appendTaskLog(kv, input, input.note);
      await appendTaskLog(kv, input, 'task successfully canceled', { status: 'canceled' });
    }
    if (outcome === 'completed') await removeGivenUp({ kv, state }, input);
    const left = await whatIsLeft({ kv, state }, input);
    const end = (): TaskEnd => input;
    const owned = async (record: DatabaseRecord, task: TaskRecord): Promise<KvWrite[]> => [
      ...databaseWrites(record, task, input, left),
      ...(isThereAfter(task, outcome) ? await strayStatuses(kv, databaseId) : []),
    ];
    await endTask(kv, databaseTask(databaseId, taskId), end, { owned });
  };
}

/** Whether the database is there, and as declared, when the task has ended this way. */
const isThereAfter = ({ type }: TaskRecord, outcome: FinishTaskInput['outcome']): boolean =>
  outcome === 'completed' && type !== 'delete';

/** Records of resources on hosts that are gone for good. */
async function removeGivenUp(
  { kv, state }: Pick<ActivityDeps, 'kv' | 'state'>,
  { databaseId, taskId }: FinishTaskInput,
) {
  const plan = (await kv.get(keys.plan(databaseId, taskId)))?.value as StoredPlan | undefined;
  const owner = ((await kv.get(keys.database(databaseId)))?.value as DatabaseRecord | undefined)?.openTaskId;
  for (const ref of owner === taskId ? (plan?.givenUp ?? []) : []) {
    const entity = { kind: 'database', id: databaseId };
    const fence = await state.acquire(entity, taskId);
    const found = await state.get(entity, ref);
    if (found) await state.remove(entity, found.value, found.revision, fence);
  }
}

/** Statuses of instances that are no longer there. */
async function strayStatuses(kv: ActivityDeps['kv'], databaseId: string): Promise<KvWrite[]> {
  const [statuses, instances] = await Promise.all([
    kv.list(keys.instanceStatuses(databaseId)),
    kv.list(`${keys.resources(databaseId)}postgres.instance::`),
  ]);
  const there = new Set(instances.map(({ value }) => (value as ResourceRecord).ref.id));
  return statuses
    .filter(({ value }) => !there.has((value as InstanceStatus).instanceId))
    .map(({ key }) => ({ remove: key }));
}

/** What a completed task left undone, by host. */
type Left = ReadonlyMap<string, readonly ResourceRecord[]>;

/** Steps that were deferred, by host, with the records that are still there; those a delete leaves on an absent host. */
async function whatIsLeft({ kv, state }: Pick<ActivityDeps, 'kv' | 'state'>, input: FinishTaskInput): Promise<Left> {
  const { databaseId, taskId } = input;
  const plan = (await kv.get(keys.plan(databaseId, taskId)))?.value as StoredPlan | undefined;
  const hosts = (plan?.deferred ?? []).flatMap(({ executor }) => (executor.on === 'host' ? [executor.hostId] : []));
  if (input.outcome !== 'completed' || hosts.length === 0) return new Map();
  const records = await state.list({ kind: 'database', id: databaseId });
  const on = (hostId: string) => records.filter(({ executor: e }) => e.on === 'host' && e.hostId === hostId);
  return new Map([...new Set(hosts)].sort().map((hostId) => [hostId, on(hostId)]));
}

function databaseWrites(record: DatabaseRecord, task: TaskRecord, end: FinishTaskInput, left: Left): KvWrite[] {
  const completed = end.outcome === 'completed';
  if (task.type === 'delete' && completed) return [...forget(record.id), ...leave(record, left)];
  const given = givenBack(record, task.type, end);
  const put = keys.database(record.id);
  if (!traitsOf(task.type).movesState) return [{ put, value: { ...given, ...stillWaiting(record, left) } }];
  const waitingFor = left.size > 0 ? [...left.keys()] : completed ? undefined : record.waitingFor;
  return [{ put, value: { ...given, waitingFor } }];
}

/** An operation on one instance does not make up for what an update left undone. */
function stillWaiting({ waitingFor = [] }: DatabaseRecord, left: Left): Pick<DatabaseRecord, 'waitingFor'> {
  const hosts = [...new Set([...waitingFor, ...left.keys()])].sort();
  return hosts.length > 0 ? { waitingFor: hosts } : {};
}

/** A host that was away finds here what it still has to remove. */
function leave({ id, tenantId }: DatabaseRecord, left: Left): KvWrite[] {
  const since = new Date().toISOString();
  return [...left]
    .filter(([, records]) => records.length > 0)
    .map(([hostId, records]) => {
      const value: Leftovers = { databaseId: id, tenantId, records, since };
      return { put: keys.leftovers(hostId, id), value };
    });
}

/** Everything kept about a database but its tasks and their logs, which outlive it. */
function forget(databaseId: string): KvWrite[] {
  return [
    { remove: `databases/${databaseId}` },
    { remove: `specs/${databaseId}` },
    { removePrefix: `resources/${databaseId}/` },
    { removePrefix: `instance-status/${databaseId}/` },
    { removePrefix: keys.backups(databaseId, '') },
    { removePrefix: `backup-checks/${databaseId}/` },
    { removePrefix: keys.schedules(databaseId) },
    { removePrefix: `secrets/database/${databaseId}/` },
    { removePrefix: `plans/${databaseId}/` },
    { removePrefix: `takeovers/${databaseId}/` },
    { removePrefix: keys.restore(databaseId, '') },
    { removePrefix: keys.swaps(databaseId) },
  ];
}
