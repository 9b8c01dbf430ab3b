import type { EntityRef } from '../engine/entity-ref.ts';
import { databaseRecords } from '../postgres/records/database-records.ts';
import { ownedByRecord } from './entity-definition.ts';

const KIND = 'database';

/** A declared Postgres. */
export const database = ownedByRecord(KIND, databaseRecords);

export const databaseEntity = (id: string): EntityRef => ({ kind: KIND, id });
