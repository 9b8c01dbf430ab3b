import type { EntityRecord } from '@windlass/resources/entity';
import { DomainError, type ErrorName } from '@windlass/resources/errors';
import type { Claim } from '@windlass/resources/store';
import { accept as acceptTask, type Acceptance, type OpenedTask, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import type { EntityStore, StoredEntity } from './entity-store.ts';
import { startNow } from './start-now.ts';

export const NOTHING: Claim = { expect: [], writes: [] };

/** What else belongs into the transaction that accepts a task. */
export type AlsoTask = (task: TaskRecord) => Claim;

/** What becomes of the record of an entity that is still as it was checked; absent: it stays as it is. */
export const holderOf = <R extends EntityRecord>(
  { records }: Pick<EntityStore<R>, 'records'>,
  { recordRevision: revision }: Pick<StoredEntity<R>, 'recordRevision'>,
  becomes?: R,
): NonNullable<Acceptance<R>['holder']> => ({ records, revision, becomes });

/** Accepts a task, and starts its workflow. Gives the revision; throws `refusal` when something is no longer as it was checked. */
export async function accept<R>(
  deps: ServerDeps,
  opened: OpenedTask,
  more: Omit<Acceptance<R>, keyof OpenedTask | 'doing'>,
  refusal: ErrorName,
): Promise<number> {
  const revision = await acceptTask(deps.kv, { ...opened, ...more, doing: deps.doing });
  if (revision === false) throw new DomainError(refusal);
  await startNow(deps, opened.entry);
  return revision;
}
