import type pg from 'pg';
import { slotFor } from '../sql/index.ts';

const IS_17 = `SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000 AS failover`;
const slotText = (failover: boolean): string =>
  `SELECT pg_catalog.pg_create_logical_replication_slot($1, 'pgoutput', false, false${failover ? ', true' : ''})
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = $1)`;

/**
 * Makes the slots from which these nodes will read, before anything is written that they need. Not for a node that has read from here: it is told
 * that its slot is gone. By a superuser, outside of a transaction, where there is the publication; what is there stays. Waits until every
 * transaction has ended that was running.
 */
export async function makeSlots(client: pg.ClientBase, numbers: readonly number[]): Promise<void> {
  const failover = (await client.query<{ failover: boolean }>(IS_17)).rows[0]?.failover === true;
  for (const number of numbers) await client.query(slotText(failover), [slotFor(number)]);
}
