import { entityRecord, type EntityRecord } from '../engine/entity-record.ts';
import { Collection } from '../store/collection.ts';

/** Where it is kept what is known of entities of one kind, by id. */
export type EntityRecords = Collection<EntityRecord, [id: string]>;

/** Of a kind that has no place of its own from before kinds were written into keys. */
export const entityRecords = (kind: string): EntityRecords => new Collection(`entities/${kind}`, entityRecord);
