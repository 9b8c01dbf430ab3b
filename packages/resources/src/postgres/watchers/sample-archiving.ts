import type { Clients } from '../clients/index.ts';
import type { ArchivingStatus } from '../records/index.ts';

interface Row {
  readonly archived: Date | null;
  /** When the segment that was archived last was written last; null when it is no segment, or not there any more. */
  readonly ended: Date | null;
  readonly failed_at: Date | null;
  readonly failed: string;
  readonly waiting: string;
}

const QUERY = `SELECT last_archived_time AS archived, last_failed_time AS failed_at, failed_count AS failed,
  CASE WHEN last_archived_wal ~ '^[0-9A-F]{24}$' THEN (pg_catalog.pg_stat_file('pg_wal/' || last_archived_wal, true)).modification END AS ended,
  (SELECT pg_catalog.count(*) FROM pg_catalog.pg_ls_archive_statusdir() WHERE name LIKE '%.ready') AS waiting FROM pg_catalog.pg_stat_archiver`;

/** How far a primary whose backups are on is with archiving. */
export async function sampleArchiving(
  { postgres }: Pick<Clients, 'postgres'>,
  address: string,
  signal: AbortSignal,
): Promise<ArchivingStatus | undefined> {
  const [row] = await postgres.session({ address, database: 'postgres', as: 'look', keep: true, signal }, (session) =>
    session.query<Row>(QUERY),
  );
  return row && toStatus(row);
}

/**
 * It fails when the last attempt did; nobody writes down when that began, so it is since the last that worked. What was archived
 * just now may have been written long ago.
 */
export function toStatus({ archived, ended, failed_at: failedAt, failed, waiting }: Row): ArchivingStatus {
  const until = ended ?? (Number(waiting) === 0 ? archived : null);
  const failing = failedAt !== null && (archived === null || failedAt > archived);
  return {
    waiting: Number(waiting),
    failed: Number(failed),
    ...(archived && { lastArchivedAt: archived.toISOString() }),
    ...(until && { archivedUntil: until.toISOString() }),
    ...(failing && { failingSince: (archived ?? failedAt).toISOString() }),
  };
}
