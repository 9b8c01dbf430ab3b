import { DomainError } from '@windlass/resources/errors';
import type { Collection, Kv } from '@windlass/resources/store';

/** What is declared, if it is what a task was accepted for. Throws `not_found`, `revision_conflict`. */
export async function declaredAt<T>(
  kv: Kv,
  specs: Collection<T, [id: string]>,
  id: string,
  revision: number,
): Promise<T> {
  const found = await specs.get(kv, id);
  if (!found) throw new DomainError('not_found', `there is no spec at '${specs.key(id)}'`);
  if (found.revision === revision) return found.value;
  throw new DomainError(
    'revision_conflict',
    `the spec is at revision ${String(found.revision)}, the task was accepted for ${String(revision)}`,
  );
}
