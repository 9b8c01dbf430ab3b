import { DomainError } from '@windlass/resources/errors';
import type { TaskRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { accept, fenceOf, type AlsoTask, type Opened } from './accept.ts';
import { isModifiable, refuseOpenTask } from './busy.ts';
import type { EntityRecord, EntityStore, StoredEntity } from './entity-store.ts';

/** Whether it becomes the owner of the entity, and whether it takes over from the one that is. */
interface Ownership {
  readonly owns: boolean;
  readonly force: boolean;
}

/** Refuses an operation of an entity that goes, and one that would have to own what another task owns. */
export function refuseOperation<R extends EntityRecord>(
  { refusals }: EntityStore<R>,
  record: R,
  { owns, force }: Ownership,
): void {
  if (record.state === 'deleting') throw new DomainError(refusals.busy);
  if (owns && !force) refuseOpenTask(record);
}

/**
 * Accepts an operation that leaves spec and state as they are. One transaction writes task, outbox and, unless it is
 * scheduled or runs beside others, the task as the owner of the entity; it expects the entity as it was checked. Those leave
 * the record alone: steps that run now expect it unchanged.
 */
export async function acceptOperation<R extends EntityRecord>(
  deps: ServerDeps,
  store: EntityStore<R>,
  before: StoredEntity<R>,
  opened: Opened & Pick<Ownership, 'owns'>,
  also: AlsoTask,
): Promise<TaskRecord> {
  const { record, entity } = before;
  const writes = opened.owns ? [store.records.put(owned(record, opened.task), entity.id)] : [];
  const own = { expect: [fenceOf(store, before)], writes };
  await accept(deps, opened, [own, also(opened.task)], 'operation_already_in_progress');
  return opened.task;
}

/** A change that is taken over from has failed, as one that is canceled has. */
const owned = <R extends EntityRecord>(record: R, task: TaskRecord): R => ({
  ...record,
  state: isModifiable(record) ? record.state : 'failed',
  openTaskId: task.taskId,
});
