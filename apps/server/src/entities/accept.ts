import { DomainError, type ErrorName } from '@windlass/resources/errors';
import type { KvWrite, TaskRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import type { newTask } from '../tasks/open-task.ts';
import type { EntityRecord, EntityStore, StoredEntity } from './entity-store.ts';
import { startNow } from './start-now.ts';

/** What a transaction expects, and what it writes. */
export interface Claim {
  readonly expect: readonly { readonly key: string; readonly revision: number }[];
  readonly writes: readonly KvWrite[];
}
export const NOTHING: Claim = { expect: [], writes: [] };

/** What else belongs into the transaction that accepts a task. */
export type AlsoTask = (task: TaskRecord) => Claim;

/** A task that is about to be accepted: its writes put it into the outbox. */
export type Opened = ReturnType<typeof newTask>;

/** The fence: a transaction that expects it fails when somebody else did something with the entity meanwhile. */
export const fenceOf = <R extends EntityRecord>(
  { records }: Pick<EntityStore<R>, 'records'>,
  { entity, recordRevision }: StoredEntity<R>,
): Claim['expect'][number] => ({ key: records.key(entity.id), revision: recordRevision });

/**
 * Accepts a task: one transaction writes it, its outbox entry and what goes with them. Then its workflow is started. Gives the
 * revision; throws `refusal` when something is no longer as it was checked.
 */
export async function accept(
  deps: ServerDeps,
  { writes, entry }: Opened,
  parts: readonly Claim[],
  refusal: ErrorName,
): Promise<number> {
  const revision = await deps.kv.commit(
    parts.flatMap((part) => part.expect),
    [...writes, ...parts.flatMap((part) => part.writes)],
  );
  if (revision === false) throw new DomainError(refusal);
  await startNow(deps, entry);
  return revision;
}
