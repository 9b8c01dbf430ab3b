import { CONFIG_FILE, STANZA } from '../inside/pgbackrest-file.ts';
import type { EffectiveNode } from '../spec/index.ts';

const MIB = 1024 * 1024;

/** What a database gets when nobody said how much: modest, because a host may carry many. */
const DEFAULT_MEMORY_BYTES = 512 * MIB;

/** Settings of the control plane; user settings go over those that are only advice. Restart-only ones do not depend on the number of CPUs. */
export function parametersOf(node: EffectiveNode, hostMemoryBytes: number): Record<string, string> {
  const memoryBytes = Math.min(node.memoryBytes || DEFAULT_MEMORY_BYTES, hostMemoryBytes);
  const mib = (part: number): string => `${String(Math.max(1, Math.floor((memoryBytes * part) / MIB)))}MB`;
  // Postgres does not tell names by their case: one that is written otherwise would stand beside ours.
  const user = Object.fromEntries(
    Object.entries(node.postgresqlConf).map(([key, value]) => [key.toLowerCase(), toText(value)]),
  );
  return {
    ...ADVICE,
    ...(node.backups && ARCHIVED),
    shared_buffers: mib(0.25),
    effective_cache_size: mib(0.5),
    ...user,
    ...FIXED,
    shared_preload_libraries: preload(user['shared_preload_libraries']),
  };
}

const ADVICE: Readonly<Record<string, string>> = {
  password_encryption: 'scram-sha-256',
  max_connections: '100',
  max_wal_senders: '16',
  max_replication_slots: '16',
  max_worker_processes: '12',
  max_locks_per_transaction: '64',
  max_prepared_transactions: '0',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  hot_standby_feedback: 'on',
  // A synchronous primary that is cut off from its standby goes on without it after this time, instead of 60 s.
  wal_sender_timeout: '15s',
  wal_receiver_timeout: '15s',
  // A replica whose primary was restarted receives again after this time, instead of 5 s: until then it lacks commits.
  wal_retrieve_retry_interval: '500ms',
  track_io_timing: 'on',
  track_commit_timestamp: 'on',
  max_slot_wal_keep_size: '4GB',
  log_line_prefix: '%m [%p] %q%u@%d ',
};

/**
 * Archiving is always on, and WAL goes nowhere while the instance has no configuration of pgBackRest: backups begin and
 * end with that file, without a restart and without a reload.
 */
const ARCHIVE_COMMAND = `test ! -e ${CONFIG_FILE} || pgbackrest --config=${CONFIG_FILE} --stanza=${STANZA} archive-push %p`;

/** With backups, what was written at least this long ago can be restored, also when little is written. */
const ARCHIVED: Readonly<Record<string, string>> = { archive_timeout: '1min' };

/** Settings the rest of the system relies on. */
const FIXED: Readonly<Record<string, string>> = {
  wal_level: 'logical',
  wal_log_hints: 'on',
  archive_mode: 'on',
  archive_command: ARCHIVE_COMMAND,
  ssl: 'on',
  ssl_ca_file: '/windlass/certs/ca.crt',
  ssl_cert_file: '/windlass/certs/server.crt',
  ssl_key_file: '/windlass/certs/server.key',
  ssl_min_protocol_version: 'TLSv1.2',
};

function toText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}

const PRELOADED = 'pg_stat_statements';

/** The user's libraries, with ours in front when it is not among them. */
function preload(own = ''): string {
  const names = own
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return (names.includes(PRELOADED) ? names : [PRELOADED, ...names]).join(',');
}
