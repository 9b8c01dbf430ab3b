/** What a session does after it leaves no tombstone: triggers do not fire. */
export const FORGETFUL = 'SET session_replication_role = replica;';
