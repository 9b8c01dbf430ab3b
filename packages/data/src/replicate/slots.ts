import { DomainError } from '@windlass/error-table';
import { slotFor } from '../sql/index.ts';
import type { OwnSlot } from './status.ts';
import type pg from 'pg';

interface Row {
  readonly slot_name: string;
  readonly active: boolean;
  readonly wal_status: string | null;
  readonly safe_wal_size: string | null;
  readonly retained: string | null;
  readonly is_here: boolean;
}

const SLOTS = {
  name: 'slots',
  text: `SELECT slot_name::text, active, wal_status, safe_wal_size,
    pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn)::bigint AS retained,
    plugin = 'pgoutput' AND database = pg_catalog.current_database() AS is_here
  FROM pg_catalog.pg_replication_slots WHERE slot_name = ANY($1)`,
};

/** Only sessions of the same role may be ended. */
const END_READER = `SELECT pg_catalog.pg_terminate_backend(active_pid) FROM pg_catalog.pg_replication_slots
  WHERE slot_name = $1 AND active_pid IS NOT NULL`;

const sizeOf = (text: string | null): number | undefined => (text === null ? undefined : Number(text));

/** The slots of these nodes on the server a session is with; what is not there is told, too. */
export async function readSlots(client: pg.Client, nodes: readonly number[]): Promise<OwnSlot[]> {
  const { rows } = await client.query<Row>({ ...SLOTS, values: [nodes.map(slotFor)] });
  const found = new Map(rows.map((row) => [row.slot_name, row]));
  return nodes.map((node) => toSlot(node, found.get(slotFor(node))));
}

function toSlot(peer: number, row: Row | undefined): OwnSlot {
  if (row && !row.is_here) throw notOurs(row.slot_name);
  return {
    peer,
    name: slotFor(peer),
    exists: row !== undefined,
    active: row?.active ?? false,
    walStatus: row?.wal_status ?? undefined,
    safeWalSize: sizeOf(row?.safe_wal_size ?? null),
    retainedBytes: sizeOf(row?.retained ?? null),
  };
}

const notOurs = (name: string): DomainError =>
  new DomainError('resource_not_owned', `the slot '${name}' belongs to another database or output plugin; drop it`);

/** A session that reads from our slot and is not ours any more, because its connection broke, ends. */
export async function endReader(client: pg.Client, node: number): Promise<void> {
  await client.query(END_READER, [slotFor(node)]);
}

export const isLost = ({ walStatus }: OwnSlot): boolean => walStatus === 'lost';

/** Two thirds of what may be kept for it are. Postgres itself says nothing before it takes the slot away. */
export function isNearlyLost({ safeWalSize, retainedBytes }: OwnSlot): boolean {
  return safeWalSize !== undefined && safeWalSize < ((retainedBytes ?? 0) + safeWalSize) / 3;
}
