import { DomainError } from '@windlass/resources/errors';
import type { Collection, Kv } from '@windlass/resources/store';
import type { Declared } from './entity-work.ts';

/** Where what is declared of a kind of entity is kept, and what is only proposed. */
interface Declarations<T, Part extends string> {
  readonly specs: Pick<Collection<T, [part: Part]>, 'get' | 'key'>;
  readonly proposals: Pick<Collection<T, [proposalId: string]>, 'get'>;
}

/** What is proposed; or declared, if it is what a task was accepted for. Throws `not_found`, `revision_conflict`. */
export async function readDeclared<T, Part extends string>(
  kv: Kv,
  { specs, proposals }: Declarations<T, Part>,
  part: Part,
  declared: Declared,
): Promise<T> {
  if ('revision' in declared) return declaredAt(kv, specs, part, declared.revision);
  const proposal = await proposals.get(kv, declared.proposalId);
  if (proposal) return proposal.value;
  throw new DomainError('not_found', `no proposal '${declared.proposalId}': it has expired`);
}

async function declaredAt<T, Part extends string>(
  kv: Kv,
  specs: Declarations<T, Part>['specs'],
  id: Part,
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
