import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';

/** What an instance does right now. `standby`: it is read-only and receives nothing. */
export type ProbedRole = 'writable' | 'streaming' | 'standby';

const ROLE_QUERY = `SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.current_setting('transaction_read_only') AS read_only,
  EXISTS (SELECT 1 FROM pg_catalog.pg_stat_wal_receiver WHERE status = 'streaming') AS streaming,
  (SELECT pg_catalog.pg_wal_lsn_diff(latest_end_lsn, pg_catalog.pg_last_wal_replay_lsn())::float8 FROM pg_catalog.pg_stat_wal_receiver
    WHERE status = 'streaming') AS lag_bytes,
  CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_logical_emit_message(true, 'windlass', 'probe') END`;

/** What it does, and of a replica that receives how many bytes of WAL it knows of and has not replayed yet. */
export interface Probed {
  readonly role: ProbedRole;
  readonly lagBytes?: number;
}

interface Row {
  readonly standby: boolean;
  readonly read_only: string;
  readonly streaming: boolean;
  readonly lag_bytes: number | null;
}

/** Asks the instance itself; a primary has to commit a WAL record, which fails on a full disk and waits for a synchronous standby. */
export async function probeRole(...asked: Parameters<typeof probe>): Promise<ProbedRole> {
  return (await probe(...asked)).role;
}

/** The same, with how far a replica is behind. */
export async function probe(
  clients: Pick<Clients, 'postgres'>,
  address: string,
  signal: AbortSignal,
  keep?: true,
): Promise<Probed> {
  const target = { address, database: 'postgres', as: 'look', signal, ...(keep && { keep }) } as const;
  return clients.postgres.session(target, async (session) => {
    const [row] = await session.query<Row>(ROLE_QUERY);
    if (row?.standby) return { role: row.streaming ? 'streaming' : 'standby', ...lagOf(row) };
    if (row?.read_only !== 'off') throw new DomainError('postgres_unavailable', 'the instance is read-only');
    return { role: 'writable' };
  });
}

/** The end is that of the last message of the primary: what was replayed since may be beyond it. */
const lagOf = ({ lag_bytes: bytes }: Row) => (typeof bytes === 'number' ? { lagBytes: Math.max(0, bytes) } : {});
