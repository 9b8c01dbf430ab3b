import { DomainError } from '@windlass/resources/errors';
import type { DatabaseRecord } from '@windlass/resources/store';

const MODIFIABLE: ReadonlySet<DatabaseRecord['state']> = new Set(['available', 'degraded', 'failed', 'unknown']);

export const isModifiable = ({ state }: DatabaseRecord): boolean => MODIFIABLE.has(state);

/** A change of the spec is refused by the state of the database, an operation that leaves the state alone by its task. */
export function refuseBusy(record: DatabaseRecord): void {
  if (!isModifiable(record)) throw new DomainError('database_not_modifiable');
  refuseOpenTask(record);
}

export function refuseOpenTask({ openTaskId }: DatabaseRecord): void {
  if (openTaskId === undefined) return;
  throw new DomainError(
    'operation_already_in_progress',
    `an operation is already in progress for the given entity: task ${openTaskId}`,
  );
}
