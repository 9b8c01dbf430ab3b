/**
 * Everything a database can say of itself although it serves, each with a sentence for the documentation. One line per
 * condition; who finds it is a check in `watch/` (instances) or in the server (backups).
 */
export const CONDITIONS = {
  backup_failed: 'the last run of a backup schedule failed',
  backup_missed: 'a backup schedule did not run when it was due',
  verification_failed: 'the last run of a verification schedule failed',
  verification_missed: 'a verification schedule did not run when it was due',
  archiving_failing: 'WAL is not archived',
  backup_repository_unusable: 'a repository does not answer, or its contents cannot be read',
  backup_damaged: 'a backup cannot be restored',
  role_elevated: 'a role in Postgres has rights that the spec does not give it',
  slot_holds_wal: 'a replication slot that nobody reads holds much WAL, or Postgres is about to take it away',
  slot_lost: 'a replication slot has lost WAL that its reader needs',
  slot_left_behind: 'a replication slot stayed at a replica when the primary changed',
  database_missing: 'the database was dropped, or nobody can connect to it',
  extension_missing: 'an extension of the database was dropped',
  role_missing: 'a declared user was dropped',
  logins_refused: 'no user can log in, although Postgres serves',
  backup_not_verified: 'a backup could not be verified; whether it is good is not known',
  settings_refused: 'Postgres refuses some of its settings or rules, which are not in effect',
  restart_would_fail: 'Postgres runs, and would not serve after a restart with the settings and rules in its files',
  postgres_cannot_start: 'Postgres does not start',
} as const satisfies Record<string, string>;

export type ConditionType = keyof typeof CONDITIONS;
export const CONDITION_TYPES = Object.keys(CONDITIONS) as [ConditionType, ...ConditionType[]];
