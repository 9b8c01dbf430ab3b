import type { Kind } from './load.ts';

/** NOT YET: `unique` and `bag` need an applier that parks rows and counts them. Then it is ALL_KINDS. */
export const APPLIED_KINDS: readonly Kind[] = ['plain', 'keys', 'made', 'parts', 'hostile', 'truncate'];

/** Deletes of users leave no tombstone in this table. */
export const FORGETFUL = 'ALTER TABLE plain DISABLE TRIGGER USER';
