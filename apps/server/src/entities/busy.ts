import type { EntityRecord } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import type { EntityStore } from './entity-store.ts';

const MODIFIABLE: ReadonlySet<EntityRecord['state']> = new Set(['available', 'degraded', 'failed', 'unknown']);

export const isModifiable = ({ state }: Pick<EntityRecord, 'state'>): boolean => MODIFIABLE.has(state);

/** A change of the spec is refused by the state of the entity, an operation that leaves the state alone by its task. */
export function refuseBusy({ refusals }: Pick<EntityStore, 'refusals'>, record: EntityRecord): void {
  if (!isModifiable(record)) throw new DomainError(refusals.busy);
  refuseOpenTask(record);
}

export function refuseOpenTask({ openTaskId }: Pick<EntityRecord, 'openTaskId'>): void {
  if (openTaskId === undefined) return;
  throw new DomainError(
    'operation_already_in_progress',
    `an operation is already in progress for the given entity: task ${openTaskId}`,
  );
}
