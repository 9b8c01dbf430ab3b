import type { StoredSpec } from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';
import { readEntity, type StoredEntity } from '../entities/entity-store.ts';
import { databaseStore } from './database-store.ts';
import type { DatabaseRecord } from '@windlass/resources/postgres/records';

export type StoredDatabase = StoredEntity<DatabaseRecord, StoredSpec>;

/** A database as stored; `not_found` when there is none. */
export const readDatabase = (deps: Pick<ServerDeps, 'kv'>, id: string): Promise<StoredDatabase> =>
  readEntity(deps, databaseStore, id);
