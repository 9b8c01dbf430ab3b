import type { PostgresSession } from '../clients/ports.ts';
import { isMemberSlot } from './member-slots.ts';

export interface OthersSlot {
  readonly name: string;
  readonly type: 'logical' | 'physical';
  readonly database: string | null;
  readonly active: boolean;
  /** `reserved`, `extended`, `unreserved`, `lost`; null while it reserves nothing. */
  readonly walStatus: string | null;
  /** WAL that is kept for it alone, at most. */
  readonly heldBytes: number;
  /** Postgres copies it to replicas. */
  readonly failover: boolean;
  /** It is such a copy. */
  readonly synced: boolean;
}

/** Slots that neither Patroni nor Postgres made, by name: temporary ones end with their sessions anyway. */
export async function othersSlots(session: PostgresSession, scope: string): Promise<OthersSlot[]> {
  const rows = await session.query<OthersSlot & { readonly held: string }>(
    `SELECT slot_name AS name, slot_type AS type, database, active, wal_status AS "walStatus",
            coalesce(pg_catalog.pg_wal_lsn_diff(
              CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn() ELSE pg_catalog.pg_current_wal_lsn() END,
              restart_lsn), 0)::pg_catalog.text AS held,
            coalesce((pg_catalog.to_jsonb(s) OPERATOR(pg_catalog.->>) 'failover')::pg_catalog.bool, false) AS failover,
            coalesce((pg_catalog.to_jsonb(s) OPERATOR(pg_catalog.->>) 'synced')::pg_catalog.bool, false) AS synced
       FROM pg_catalog.pg_replication_slots s WHERE NOT temporary ORDER BY slot_name`,
  );
  return rows
    .filter(({ name, type }) => type === 'logical' || !isMemberSlot(scope, name))
    .map(({ held, ...row }) => ({ ...row, heldBytes: Math.max(0, Number(held)) }));
}

/** As it is called in logs and plans. */
export const slotName = ({ name, type, database }: OthersSlot): string =>
  type === 'logical' ? `slot '${name}' (logical, of database '${database ?? ''}')` : `slot '${name}' (physical)`;
