import type { Fence } from '../engine/state.ts';
import { databaseRecords } from './database-records.ts';

/** A database is owned by the task that its record names. */
export const databaseFence: Fence = {
  key: ({ id }) => databaseRecords.key(id),
  ownerOf: ({ id }, value) => databaseRecords.parse(value, databaseRecords.key(id)).openTaskId,
};
