import { DomainError, type ErrorName } from '@windlass/resources/errors';
import { definitionOf, type EntityRecord } from '@windlass/resources/entity';
import { partOf, type EntityPart, type EntityRef } from '@windlass/resources/plan';
import type { Collection, Row } from '@windlass/resources/store';
import type { ServerDeps } from '../core/deps.ts';
import { isReached, type Reach } from '../core/door/reach.ts';
import { siftAndTell, type ManyDeps } from '../core/unreadable-records.ts';

/** Where the entities of a kind are kept, and how it is said in the contract that one may not be changed. */
export interface EntityStore<R extends EntityRecord = EntityRecord, S = unknown> {
  readonly kind: string;
  readonly records: Collection<R, [id: string]>;
  /** By what stands for one in keys. */
  readonly specs: Pick<Collection<S, [part: EntityPart]>, 'get' | 'key' | 'put'>;
  readonly refusals: { readonly exists: ErrorName; readonly busy: ErrorName };
  /** The entities that what is declared refers to: none of them is deleted before this one, or before it refers to others. */
  refersTo?(stored: S): readonly EntityRef[];
}

/** An entity as stored. */
export interface StoredEntity<R extends EntityRecord = EntityRecord, S = unknown> {
  readonly entity: EntityRef;
  readonly record: R;
  readonly recordRevision: number;
  readonly stored: S;
  readonly specRevision: number;
}

/** `not_found` when there is none. */
export async function readEntity<R extends EntityRecord, S>(
  { kv }: Pick<ServerDeps, 'kv'>,
  { kind, records, specs }: EntityStore<R, S>,
  id: string,
): Promise<StoredEntity<R, S>> {
  const entity = { kind, id };
  const [record, spec] = await Promise.all([records.get(kv, id), specs.get(kv, partOf(entity))]);
  if (!record || !spec) throw new DomainError('not_found', `${kind} not found`);
  return {
    entity,
    record: record.value,
    recordRevision: record.revision,
    stored: spec.value,
    specRevision: spec.revision,
  };
}

/** An entity of which only the id is sure, because its record cannot be read. */
export interface UnreadableEntity {
  readonly id: string;
  readonly value: unknown;
}

/** Every entity of a kind that is reached, by id, without its spec; what cannot be read is told, and does not hide the others. */
export async function listEntities<R extends EntityRecord>(
  deps: ManyDeps,
  { kind, records }: Pick<EntityStore<R>, 'kind' | 'records'>,
  reach: Reach,
): Promise<{ readonly rows: readonly Row<R, [id: string]>[]; readonly unreadable: readonly UnreadableEntity[] }> {
  const { rows, unreadable } = await siftAndTell(deps, records, []);
  const { tenant } = definitionOf(kind);
  const reached = ({ value }: { readonly value: unknown }): boolean => isReached(reach, tenant?.of(value));
  const unread = unreadable.filter(reached).map(({ id: [id], value }) => ({ id, value }));
  return { rows: rows.filter(reached), unreadable: unread };
}
