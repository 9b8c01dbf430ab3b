import type { Kind } from './load.ts';

/** NOT YET: `bag` needs an applier that counts rows. Then it is ALL_KINDS. */
export const APPLIED_KINDS: readonly Kind[] = ['plain', 'keys', 'made', 'parts', 'unique', 'hostile', 'truncate'];

/** What a session does after it leaves no tombstone: triggers do not fire. */
export const FORGETFUL = 'SET session_replication_role = replica;';
