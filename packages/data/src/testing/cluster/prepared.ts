import type { Kind } from './load.ts';

/** NOT YET: `bag` needs an applier that counts rows. Then it is ALL_KINDS. */
export const APPLIED_KINDS: readonly Kind[] = ['plain', 'keys', 'made', 'parts', 'unique', 'hostile', 'truncate'];

/** Deletes of users leave no tombstone in this table. */
export const FORGETFUL = 'ALTER TABLE plain DISABLE TRIGGER USER';
