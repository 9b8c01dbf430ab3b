import { database } from '@windlass/resources/entity';
import { databaseRecords, databaseSpecs, type DatabaseRecord } from '@windlass/resources/postgres/records';
import type { StoredSpec } from '@windlass/resources/postgres/spec';
import type { EntityStore } from '../entities/entity-store.ts';

/** Databases as entities. */
export const databaseStore: EntityStore<DatabaseRecord, StoredSpec> = {
  kind: database.kind,
  records: databaseRecords,
  specs: databaseSpecs,
  refusals: { exists: 'database_already_exists', busy: 'database_not_modifiable' },
};
