/**
 * Settings that Postgres reads only when it starts (context `postmaster` in pg_settings) and that a spec may name; of
 * PostgreSQL 15 to 18. A test compares the list with a running Postgres.
 */
const AT_START = new Set(
  (
    'autovacuum_freeze_max_age autovacuum_max_workers autovacuum_multixact_freeze_max_age autovacuum_worker_slots ' +
    'commit_timestamp_buffers data_sync_retry debug_io_direct dynamic_shared_memory_type event_source ' +
    'huge_page_size huge_pages ignore_invalid_pages io_max_combine_limit io_max_concurrency io_method jit_provider ' +
    'logging_collector max_active_replication_origins max_connections max_files_per_process max_locks_per_transaction ' +
    'max_logical_replication_workers max_notify_queue_pages max_pred_locks_per_transaction max_prepared_transactions ' +
    'max_replication_slots max_wal_senders max_worker_processes min_dynamic_shared_memory ' +
    'multixact_member_buffers multixact_offset_buffers notify_buffers old_snapshot_threshold pg_stat_statements.max ' +
    'reserved_connections serializable_buffers shared_buffers shared_memory_type shared_preload_libraries ' +
    'subtransaction_buffers superuser_reserved_connections trace_connection_negotiation track_activity_query_size ' +
    'track_commit_timestamp transaction_buffers wal_buffers wal_decode_buffer_size wal_level'
  ).split(' '),
);

export const isReadAtStart = (name: string): boolean => AT_START.has(name.toLowerCase());

/**
 * What a standby must have at least as much of as its primary. So a larger value begins with the standbys, and a smaller one
 * with the primary: a standby that starts before keeps the larger one.
 */
const AS_PRIMARY = /^max_(connections|wal_senders|worker_processes|prepared_transactions|locks_per_transaction)$/i;

/** True when it is one of those, and less than it was. */
export const isLowered = (name: string, before: string | undefined, after: string | undefined): boolean =>
  AS_PRIMARY.test(name) && Number(after) < Number(before);

/** True when some of those become less, and none becomes more. */
export function lowersLimits(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): boolean {
  const names = Object.keys(after);
  return (
    names.some((name) => isLowered(name, before[name], after[name])) &&
    !names.some((name) => isLowered(name, after[name], before[name]))
  );
}

/** True when going from one set of settings to the other needs a restart. Settings of libraries it does not know count as reloadable. */
export function needRestart(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): boolean {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].some(
    (name) => before[name] !== after[name] && isReadAtStart(name),
  );
}
