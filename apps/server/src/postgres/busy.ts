import { refuseBusy as refuse } from '../entities/busy.ts';
import { databaseStore } from './database-store.ts';
import type { DatabaseRecord } from '@windlass/resources/postgres/records';

/** A change of the spec is refused by the state of the database: `database_not_modifiable`; or by the task that owns it. */
export const refuseBusy = (record: DatabaseRecord): void => refuse(databaseStore, record);
