import type { PostgresSession } from '../clients/ports.ts';
import { REFUSED } from './settings-effect.ts';

const NO_PAGES = 'huge_pages is on, and the host has none';

/** The value of each setting in the files, as the next start reads it; the last line of a name counts. */
const NEXT = `WITH next AS (SELECT DISTINCT ON (pg_catalog.lower(name)) pg_catalog.lower(name) AS name, setting
    FROM pg_catalog.pg_file_settings ORDER BY pg_catalog.lower(name), seqno DESC),
  number AS (SELECT w.name, coalesce((SELECT setting FROM next n WHERE n.name = w.name AND n.setting ~ '^[0-9]{1,9}$'),
      pg_catalog.current_setting(w.name, true), '0')::bigint AS value
    FROM (VALUES ('max_connections'), ('superuser_reserved_connections'), ('reserved_connections'), ('max_prepared_transactions'), ('max_replication_slots')) AS w (name)),
  limits AS (SELECT (SELECT value FROM number WHERE name = 'max_connections') AS connections,
    (SELECT sum(value)::bigint FROM number WHERE name LIKE '%reserved_connections') AS reserved,
    (SELECT value FROM number WHERE name = 'max_prepared_transactions') AS prepared,
    (SELECT value FROM number WHERE name = 'max_replication_slots') AS slots)
SELECT reason FROM (
  SELECT 'superuser_reserved_connections and reserved_connections (' || reserved || ') must be less than max_connections (' || connections || ')' AS reason
    FROM limits WHERE reserved >= connections
  UNION ALL SELECT 'max_prepared_transactions is ' || prepared || ', and more transactions are prepared' FROM limits
    WHERE prepared < (SELECT count(*) FROM pg_catalog.pg_prepared_xacts)
  UNION ALL SELECT 'max_replication_slots is ' || slots || ', and there are more slots' FROM limits
    WHERE slots < (SELECT count(*) FROM pg_catalog.pg_replication_slots)
  UNION ALL SELECT '${NO_PAGES}' FROM next
    WHERE name = 'huge_pages' AND setting = 'on' AND pg_catalog.current_setting('huge_pages') <> 'on') AS reasons`;
/** A row where it is so. Contents of files are read by the superuser only: a statement that names the function is refused to others as a whole. */
const HOST_HAS_NONE = `SELECT 1 AS none WHERE pg_catalog.pg_read_file('/proc/meminfo') ~ 'HugePages_Total: +0\n'`;

/** What Postgres says is wrong in its files as they are now. */
export async function refusedNow(session: PostgresSession): Promise<string[]> {
  return (await session.query<{ refused: string }>(REFUSED)).map(({ refused }) => refused);
}

/**
 * Why a Postgres that runs would not serve after a restart, as far as it can tell while it runs: rules and values it refuses,
 * limits that do not fit together or to what is there. With a mapping that it refuses it would start and let nobody in who
 * needs one, Patroni and us included.
 */
export async function nextStartFailure(
  session: PostgresSession,
  /** A session of the superuser, begun only where it is needed. */
  asSuperuser: <T>(work: (session: PostgresSession) => Promise<T>) => Promise<T>,
  found?: readonly string[],
): Promise<string | undefined> {
  const refused = found ?? (await refusedNow(session));
  const reasons = (await session.query<{ reason: string }>(NEXT)).map(({ reason }) => reason);
  const hasPages =
    reasons.includes(NO_PAGES) && (await asSuperuser((superuser) => superuser.query(HOST_HAS_NONE))).length === 0;
  const all = [...refused, ...reasons.filter((reason) => !(hasPages && reason === NO_PAGES))];
  return all.length > 0 ? all.slice(0, 5).join('; ') : undefined;
}
