import type { Clients } from '../clients/ports.ts';

const QUERY = `SELECT application_name AS name, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_flush_lsn(), flush_lsn)::pg_catalog.text AS lag
  FROM pg_catalog.pg_stat_replication WHERE state = 'streaming'`;

/**
 * Members that receive WAL from the primary at this moment, by name, with the bytes they have not written to disk yet. The
 * primary's own view (pg_stat_replication): what Patroni tells of a member may be 10 s old, and a replica whose primary was
 * just restarted connects again a moment later.
 */
export async function receiving(
  { postgres }: Pick<Clients, 'postgres'>,
  address: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const rows = await postgres.session({ address, database: 'postgres', as: 'look', signal }, (session) =>
    session.query<{ name: string; lag: string }>(QUERY),
  );
  return new Map(rows.map(({ name, lag }) => [name, Math.max(0, Number(lag))]));
}
