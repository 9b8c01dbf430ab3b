/** Roles that come with Postgres and may be granted, by the major version that brought them; 15 is the oldest we know. */
const SINCE: Readonly<Record<string, number>> = {
  pg_read_all_data: 15,
  pg_write_all_data: 15,
  pg_read_all_settings: 15,
  pg_read_all_stats: 15,
  pg_stat_scan_tables: 15,
  pg_monitor: 15,
  pg_signal_backend: 15,
  pg_read_server_files: 15,
  pg_write_server_files: 15,
  pg_execute_server_program: 15,
  pg_checkpoint: 15,
  pg_create_subscription: 16,
  pg_use_reserved_connections: 16,
  pg_maintain: 17,
  pg_signal_autovacuum_worker: 18,
};

const NEWEST = 18;

/**
 * Whether this version of Postgres has the role, which begins with `pg_`. Without a version every role we know of counts, and a
 * version newer than those we know may have more.
 */
export function isPredefined(name: string, major: number | undefined): boolean {
  const since = SINCE[name];
  if (since === undefined) return major !== undefined && major > NEWEST;
  return major === undefined || major >= since;
}
