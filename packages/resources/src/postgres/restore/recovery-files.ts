import type { RestoreAims } from './restore-wish.ts';
import type { RestoreTarget } from '../spec/restore-target.ts';

/** A value in a file of Postgres' settings, and in SQL with standard strings. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** A value in a conf file, where a backslash is one, too. */
const confValue = (text: string): string => quoted(text.replaceAll('\\', '\\\\'));
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const TARGET_SETTING = {
  time: 'recovery_target_time',
  lsn: 'recovery_target_lsn',
  xid: 'recovery_target_xid',
  name: 'recovery_target_name',
} as const;

/**
 * Settings of the Postgres that recovers a copy, in place of its own: nobody reaches it over the network, and it archives
 * nothing itself. What is to be archived is only noted (`archive_mode` on, no command), so that the primary does it later.
 */
export function recoverySettings(
  directory: string,
  target: RestoreTarget,
  timeline: number | 'current' | undefined,
): string {
  const settings: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: directory,
    unix_socket_permissions: '0700',
    hba_file: `${directory}/pg_hba.conf`,
    ident_file: `${directory}/pg_ident.conf`,
    hot_standby: 'off',
    wal_level: 'logical',
    wal_log_hints: 'on',
    track_commit_timestamp: 'on',
    archive_mode: 'on',
    archive_command: '',
    restore_command: `/bin/sh ${directory}/get-wal %f %p`,
    recovery_target_timeline: timeline === undefined ? 'latest' : String(timeline),
    recovery_target_action: 'promote',
    recovery_target_inclusive: target.exclusive ? 'off' : 'on',
    ...targetSetting(target),
    max_logical_replication_workers: '0',
    // Progress of as many origins as there can be is in the WAL of a node of several.
    max_replication_slots: '64',
    autovacuum: 'off',
    log_checkpoints: 'off',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${confValue(value)}`);
  return `include = 'limits.conf'\n${lines.join('\n')}\n`;
}

function targetSetting({ type, value = '' }: RestoreTarget): Record<string, string> {
  if (type === 'default') return {};
  return type === 'immediate' ? { recovery_target: 'immediate' } : { [TARGET_SETTING[type]]: value };
}

/** Run once the copy takes writes: the application's database gets its name, and the world of another one is left behind. */
export function afterRecovery({ sourceName, databaseName, foreign }: RestoreAims): string {
  const exists = (name: string): string =>
    `EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = ${quoted(name)})`;
  const rename = `ALTER DATABASE ${identifier(sourceName)} RENAME TO ${identifier(databaseName)}`;
  const absent = `the backup has no database "${sourceName}"`;
  return [
    ...(sourceName === databaseName
      ? []
      : [`SELECT ${quoted(rename)} WHERE ${exists(sourceName)} AND NOT ${exists(databaseName)} \\gexec`]),
    `DO ${quoted(`BEGIN IF NOT ${exists(databaseName)} THEN RAISE EXCEPTION ${quoted(absent.replaceAll('%', '%%'))}; END IF; END`)};`,
    ...(foreign ? LEAVE_THE_OTHER_WORLD : []),
    '',
  ].join('\n');
}

/** What a restore of another database's backup leaves out, as its log says it. */
export const LEFT_THERE =
  'the backup is of another database: its users have no passwords here but those the spec gives them, and its subscriptions are disabled';

/** Users of the other database do not open this one, and it takes nothing from publications the other one is subscribed to. */
const LEAVE_THE_OTHER_WORLD = [
  `SELECT pg_catalog.format('ALTER ROLE %I PASSWORD NULL', rolname) FROM pg_catalog.pg_authid WHERE rolpassword IS NOT NULL \\gexec`,
  `UPDATE pg_catalog.pg_subscription SET subenabled = false WHERE subenabled;`,
];

/** What the copy is now, as JSON. */
export const FACTS = `SELECT pg_catalog.json_build_object('timeline', c.timeline_id, 'systemIdentifier', s.system_identifier::pg_catalog.text,
  'lastCommitAt', (SELECT pg_catalog.to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') FROM pg_catalog.pg_last_committed_xact()))
FROM pg_catalog.pg_control_checkpoint() c, pg_catalog.pg_control_system() s;
`;
