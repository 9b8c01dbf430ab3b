import type { Issue } from '../../api/issues.ts';

/**
 * Patroni passes these to Postgres on the command line, so that all members agree, and puts its own default in the place of a
 * value below its limit or of one that is no plain number: `CMDLINE_OPTIONS` in patroni/postgresql/config.py, the same in
 * Patroni 3.0 to 4.1. A test compares the table with the images.
 */
export const PATRONI_LIMITS: Readonly<Record<string, number>> = {
  max_connections: 25,
  max_wal_senders: 3,
  max_prepared_transactions: 0,
  max_locks_per_transaction: 32,
  max_replication_slots: 4,
  max_worker_processes: 2,
};

const BOOLEANS = new Set(['track_commit_timestamp']);
const isBoolean = (text: string): boolean => /^(on|off|true|false|yes|no|1|0)$/i.test(text);

/** Values that Patroni would replace by others, without a word. `path` leads to the settings. */
export function limitIssues(
  settings: Readonly<Record<string, string | number | boolean>>,
  path: readonly PropertyKey[],
): Issue[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const message = refusal(key.toLowerCase(), String(value).trim());
    return message === undefined ? [] : [{ path: [...path, key], message }];
  });
}

function refusal(name: string, text: string): string | undefined {
  if (BOOLEANS.has(name)) return isBoolean(text) ? undefined : 'must be "on" or "off"';
  const least = Object.hasOwn(PATRONI_LIMITS, name) ? PATRONI_LIMITS[name] : undefined;
  if (least === undefined || (/^\d{1,9}$/.test(text) && Number(text) >= least)) return undefined;
  return `must be a whole number of at least ${String(least)}: Patroni would use its default instead`;
}
