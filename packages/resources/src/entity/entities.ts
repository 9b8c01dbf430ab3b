import type { EntityRef } from '../engine/entity-ref.ts';
import { DomainError } from '../errors/index.ts';
import { database } from './database-entity.ts';
import { ownedByRecord, type EntityDefinition } from './entity-definition.ts';
import { entityRecords, type EntityRecords } from './entity-records.ts';
import { host } from './host-entity.ts';

/** Every kind of entity there is; a kind is one line here. */
export const ENTITIES: readonly EntityDefinition[] = [database, host];

/** One that is not listed is kept as every later kind is. */
export const definitionOf = (kind: string): EntityDefinition =>
  ENTITIES.find((one) => one.kind === kind) ?? ownedByRecord(kind, entityRecords(kind));

/** Where it is kept what is known of an entity. Throws for a kind of which nothing is. */
export function recordsOf({ kind }: Pick<EntityRef, 'kind'>): EntityRecords {
  const { records } = definitionOf(kind);
  if (!records) throw new DomainError('server_error', `nothing is kept of a ${kind} but who owns it`);
  return records;
}
