import { partOf, planRecords, resourceRecords, type Ref, type Step } from '@windlass/resources/engine';
import { forgetSpec, recordsOf, releaseReferences, type EntityRecord } from '@windlass/resources/entity';
import type { Also, KvWrite } from '@windlass/resources/store';
import {
  endTask,
  givenBack,
  taskOf,
  taskRecords,
  traitsOf,
  isTerminal,
  type TaskRecord,
} from '@windlass/resources/tasks';
import type { ActivityDeps } from './deps.ts';
import type { OwnedInput } from './own.ts';
import { appendTaskLog } from './task-log.ts';
import { leave, whatIsLeft, type Left } from './what-is-left.ts';

export interface FinishTaskInput extends OwnedInput {
  readonly outcome: 'completed' | 'failed' | 'canceled';
  readonly error?: string;
  /** What there is to say of a cancel. */
  readonly note?: string;
  /** It ended before it changed anything: its entity is what it was. */
  readonly untouched?: boolean;
}

type FinishDeps = Pick<ActivityDeps, 'kv' | 'state' | 'work'>;

/** Records how the task ended and what that means for its entity, in one transaction. Repeating it changes nothing. */
export function finishTask(deps: FinishDeps) {
  const { kv } = deps;
  return async function finishTask(input: FinishTaskInput): Promise<void> {
    const { entity, taskId, outcome } = input;
    const [before, plan] = await Promise.all([
      taskRecords.get(kv, entity.kind, entity.id, taskId),
      outcome === 'completed' ? planRecords.get(kv, partOf(entity), taskId) : undefined,
    ]);
    if (!before || isTerminal(before.value)) return;
    if (outcome === 'canceled') {
      if (input.note !== undefined) await appendTaskLog(kv, input, input.note);
      await appendTaskLog(kv, input, 'task successfully canceled', { status: 'canceled' });
    }
    const { givenUp = [], deferred = [], steps = [] } = plan?.value ?? {};
    await removeGivenUp(deps, input, givenUp);
    const left = await whatIsLeft(deps.state, entity, deferred);
    const owned = (task: TaskRecord, record: EntityRecord | undefined) =>
      record ? becomes(deps, input, { record, task, left, steps }) : {};
    await endTask(kv, taskOf(entity, taskId), () => input, { owned });
  };
}

/** Records of resources on hosts that are gone for good. */
async function removeGivenUp(
  { kv, state }: FinishDeps,
  { entity, taskId }: FinishTaskInput,
  givenUp: readonly Ref[],
): Promise<void> {
  if (givenUp.length === 0) return;
  const owner = (await recordsOf(entity).get(kv, entity.id))?.value.openTaskId;
  for (const ref of owner === taskId ? givenUp : []) {
    const fence = await state.acquire(entity, taskId);
    const found = await state.get(entity, ref);
    if (found) await state.remove(entity, found.value, found.revision, fence);
  }
}

interface Ending {
  readonly record: EntityRecord;
  readonly task: TaskRecord;
  readonly left: Left;
  /** Of its plan; none when it was not completed. */
  readonly steps: readonly Pick<Step, 'action' | 'ref'>[];
}

async function becomes(deps: FinishDeps, end: FinishTaskInput, ending: Ending): Promise<Also> {
  const { entity, outcome } = end;
  if (outcome === 'completed' && ending.task.type === 'delete') return goes(deps, end, ending);
  const { afterwards } = deps.work(entity.kind);
  const more = outcome === 'completed' ? await afterwards?.(deps.kv, entity, ending.steps) : undefined;
  return { writes: [recordsOf(entity).put(recordAfter(end, ending), entity.id), ...(more ?? [])] };
}

async function goes(deps: FinishDeps, end: FinishTaskInput, { record, left }: Ending): Promise<Also> {
  const released = await releaseReferences(deps.kv, end.entity);
  return { ...released, writes: [...forget(deps, end), ...leave(end, record, left), ...released.writes] };
}

function recordAfter(end: FinishTaskInput, { record, task, left }: Ending): EntityRecord {
  const given = givenBack(record, task.type, end);
  if (!traitsOf(task.type).movesState) return { ...given, ...stillWaiting(record, left) };
  const waitingFor = left.size > 0 ? [...left.keys()] : end.outcome === 'completed' ? undefined : record.waitingFor;
  return { ...given, waitingFor };
}

/** An operation on one part does not make up for what an update left undone. */
function stillWaiting({ waitingFor = [] }: EntityRecord, left: Left): Pick<EntityRecord, 'waitingFor'> {
  const hosts = [...new Set([...waitingFor, ...left.keys()])].sort();
  return hosts.length > 0 ? { waitingFor: hosts } : {};
}

/** Everything kept about an entity but its tasks and their logs, which outlive it. */
function forget({ work }: FinishDeps, { entity }: FinishTaskInput): KvWrite[] {
  const part = partOf(entity);
  return [
    recordsOf(entity).remove(entity.id),
    forgetSpec(entity),
    resourceRecords.removeUnder(part),
    planRecords.removeUnder(part),
    ...(work(entity.kind).forget?.(entity) ?? []),
  ];
}
