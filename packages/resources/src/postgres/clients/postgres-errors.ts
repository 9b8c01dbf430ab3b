import { DomainError } from '../../errors/index.ts';
import { sqlStateOf } from '@windlass/error-table';

/**
 * What passes by itself: connections, resources but for configured limits and the disk, shutdowns but for a database that
 * was dropped, conflicts with other sessions, a database that is just being made, a lock or a statement that took too long.
 * And 25P04: a time limit of users for transactions counts while a session is begun, before what it says itself does.
 */
const TRANSIENT = /^(08|53[023]|57P(?!04)|57014$|25P04|40|55006$|55P03$|3D000$)/;

/** A standby, or a primary that is being promoted: its replicas stream before it takes writes. */
const READ_ONLY = '25006';
const DISK_FULL = '53100';

/** Postgres has no SQLSTATE of its own for two sessions that change one row of its catalogue. */
const CONCURRENT = /^tuple concurrently (updated|deleted)/;

/** What a failure of a session or a statement means. `postgres_unavailable` may pass; the others are final. */
export function toDomainError(err: unknown, database: string): DomainError {
  const { code, message } = err as { code?: string; message?: string };
  const sqlState = sqlStateOf(err);
  const said = firstLine(message);
  if (sqlState === DISK_FULL)
    return new DomainError('no_space', `Postgres has no space left in database '${database}': ${said}`, {
      details: { sqlState },
    });
  if (sqlState === undefined || TRANSIENT.test(sqlState) || CONCURRENT.test(said))
    return new DomainError('postgres_unavailable', `Postgres does not answer on database '${database}': ${said}`, {
      details: { code, sqlState },
    });
  if (sqlState === READ_ONLY)
    return new DomainError('postgres_unavailable', `Postgres takes no writes in database '${database}': ${said}`, {
      details: { code, sqlState },
    });
  return new DomainError('postgres_rejected', `Postgres refused a statement in database '${database}': ${said}`, {
    details: { sqlState },
  });
}

const firstLine = (text = 'unknown'): string => text.split('\n')[0] ?? '';
