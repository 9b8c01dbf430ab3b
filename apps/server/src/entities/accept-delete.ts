import { refuseReferenced, type EntityRecord } from '@windlass/resources/entity';
import type { EntityRef } from '@windlass/resources/plan';
import {
  ownedBy,
  taskRecords,
  traitsOf,
  isTerminal,
  type OpenedTask,
  type TaskRecord,
} from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { cancelTask } from '../core/tasks/cancel-task.ts';
import { accept, holderOf, type Claim } from './accept.ts';
import type { EntityStore, StoredEntity } from './entity-store.ts';

/**
 * Accepts a delete: the entity is `deleting` and belongs to that task. What waited for it or ran beside it is told to stop. Throws
 * `in_use` when others refer to it.
 */
export async function acceptDelete<R extends EntityRecord>(
  deps: ServerDeps,
  store: EntityStore<R>,
  before: StoredEntity<R>,
  opened: OpenedTask,
  left: Claim['writes'],
): Promise<TaskRecord> {
  const unused = await refuseReferenced(deps.kv, before.entity);
  const holder = holderOf(store, before, ownedBy(opened.task, { ...before.record, state: 'deleting' }));
  await accept(deps, opened, { holder, also: [unused, { writes: left }] }, store.refusals.busy);
  await cancelOthers(deps, before.entity);
  return opened.task;
}

/**
 * What waits for its time has nothing to wait for any more, and what runs beside the owner nothing to work on. One that is missed
 * here, or cannot be read, finds the entity gone.
 */
async function cancelOthers(deps: ServerDeps, entity: EntityRef): Promise<void> {
  const found = await taskRecords.list(deps.kv, [entity.kind, entity.id], { unreadable: () => undefined });
  const tasks = found.map(({ value }) => value);
  const waits = ({ scheduledAt, status }: TaskRecord): boolean => scheduledAt !== undefined && status === 'pending';
  const others = tasks.filter((task) => !isTerminal(task) && (waits(task) || traitsOf(task.type).lane === 'beside'));
  await Promise.all(others.map(({ taskId }) => cancelTask(deps, entity, taskId).catch(() => undefined)));
}
