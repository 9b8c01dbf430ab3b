import { DomainError } from '@windlass/resources/errors';
import type { EntityWork } from './core/entity-work.ts';
import { databaseWork } from './postgres/database-work.ts';

/** Of every kind of entity that has resources; a kind is one line here. */
export const WORKS: readonly EntityWork[] = [databaseWork];

/** Throws `server_error` for a kind that this worker does not know: a newer one has it. */
export function workOf(kind: string): EntityWork {
  const found = WORKS.find((work) => work.kind === kind);
  if (!found) throw new DomainError('server_error', `this worker does not know the entity kind '${kind}'`);
  return found;
}
