import type { EntityRecord } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import { ownedBy, type OpenedTask, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { accept, holderOf, type AlsoTask } from './accept.ts';
import { isModifiable, refuseOpenTask } from './busy.ts';
import type { EntityStore, StoredEntity } from './entity-store.ts';

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
  opened: OpenedTask & Pick<Ownership, 'owns'>,
  also: AlsoTask,
): Promise<TaskRecord> {
  const { owns, task, entry } = opened;
  const holder = holderOf(store, before, owns ? ownedBy(task, ended(before.record)) : undefined);
  await accept(deps, { task, entry }, { holder, also: [also(task)] }, 'operation_already_in_progress');
  return task;
}

/** A change that is taken over from has failed, as one that is canceled has. */
const ended = <R extends EntityRecord>(record: R): R => ({
  ...record,
  state: isModifiable(record) ? record.state : 'failed',
});
