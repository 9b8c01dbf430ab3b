import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';

/** What an instance does right now. `standby`: it is read-only and receives nothing. */
export type ProbedRole = 'writable' | 'streaming' | 'standby';

const ROLE_QUERY = `SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.current_setting('transaction_read_only') AS read_only,
  EXISTS (SELECT 1 FROM pg_catalog.pg_stat_wal_receiver WHERE status = 'streaming') AS streaming,
  CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_logical_emit_message(true, 'windlass', 'probe') END`;

/** Asks the instance itself; a primary has to commit a WAL record, which fails on a full disk and waits for a synchronous standby. */
export async function probeRole(
  clients: Pick<Clients, 'postgres'>,
  address: string,
  signal: AbortSignal,
  keep?: true,
): Promise<ProbedRole> {
  const target = { address, database: 'postgres', as: 'look', signal, ...(keep && { keep }) } as const;
  return clients.postgres.session(target, async (session) => {
    const [row] = await session.query<{ standby: boolean; read_only: string; streaming: boolean }>(ROLE_QUERY);
    if (row?.standby) return row.streaming ? 'streaming' : 'standby';
    if (row?.read_only !== 'off') throw new DomainError('postgres_unavailable', 'the instance is read-only');
    return 'writable';
  });
}
