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
import type { Claim } from '@windlass/resources/store';
import { accept, holderOf } from './accept.ts';
import { readEntity, type EntityStore, type StoredEntity } from './entity-store.ts';

/** An entity to which nobody refers. */
export interface UnusedEntity<R extends EntityRecord = EntityRecord, S = unknown> extends StoredEntity<R, S> {
  /** What has to be still so when its delete is accepted. */
  readonly unused: Claim;
}

/** Reads what is to be deleted. Throws `not_found`, and `in_use` when others refer to it. */
export async function readUnused<R extends EntityRecord, S>(
  deps: Pick<ServerDeps, 'kv'>,
  store: EntityStore<R, S>,
  id: string,
): Promise<UnusedEntity<R, S>> {
  const entity = { kind: store.kind, id };
  const [before, unused] = await Promise.all([readEntity(deps, store, id), refuseReferenced(deps.kv, entity)]);
  return { ...before, unused };
}

/** Accepts a delete: the entity is `deleting` and belongs to that task. What waited for it or ran beside it is told to stop. */
export async function acceptDelete<R extends EntityRecord>(
  deps: ServerDeps,
  store: EntityStore<R>,
  before: UnusedEntity<R>,
  opened: OpenedTask,
  left: Claim['writes'],
): Promise<TaskRecord> {
  const holder = holderOf(store, before, ownedBy(opened.task, { ...before.record, state: 'deleting' }));
  await accept(deps, opened, { holder, also: [before.unused, { writes: left }] }, store.refusals.busy);
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
