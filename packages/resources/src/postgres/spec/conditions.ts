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
  replication_stopped: 'a node does not apply what a peer writes until somebody does something about it',
  peer_unreachable: 'a node does not reach the primary of a peer; it is tried again and again',
  replicator_not_working: 'the replicator of a node does not run, does not answer, or cannot work at its own primary',
  slot_nearly_lost: 'a node will lose its place in the WAL of a peer soon if it does not read from there',
  node_must_be_rebuilt:
    'a node has lost its place in the WAL of a peer: what it did not read is gone, so it has to be made anew',
  ddl_waits:
    'DDL of a peer has not been carried out at a node for seconds: it waits for locks, or takes long, and nothing else is applied meanwhile',
  node_away: 'a node was removed to be made anew, and is not back',
  replica_lacks_slots:
    'a replica has no usable copies of the slots from which other nodes read: if it took over now, they would lose their place in the WAL',
  clock_off: 'the clocks of two nodes differ so much that replication waits, or stops',
  nodes_differ: 'the last comparison of the nodes found that they are not equal',
  nodes_may_differ: 'something happened after which nodes may differ: they have to be compared',
  table_without_key:
    'a table of a database with several nodes has no primary key: its rows replicate as a whole, which costs more and cannot be repaired row by row',
  table_not_replicated: 'a table of a database with several nodes does not replicate',
  sequences_collide: 'several nodes give equal values of a sequence, so their rows collide',
  spock_schema_taken: "schema spock is somebody else's: scripts for Spock do not find ours in it",
  replication_upkeep_failed: 'regular work on what replication keeps in a node failed; replication itself goes on',
} as const satisfies Record<string, string>;

export type ConditionType = keyof typeof CONDITIONS;
export const CONDITION_TYPES = Object.keys(CONDITIONS) as [ConditionType, ...ConditionType[]];
