import type pg from 'pg';
import { DomainError } from '@windlass/error-table';
import { originOf, slotFor } from '../sql/index.ts';

/** For how long whoever still uses a slot or an origin may take to let go of it, in ms. */
const LETS_GO_MS = 10_000;
const AGAIN_MS = 50;

const SLOT_USER = `SELECT active_pid AS pid FROM pg_catalog.pg_replication_slots
  WHERE slot_name = $1 AND database = pg_catalog.current_database()`;
const END = 'SELECT pg_catalog.pg_terminate_backend($1)';
const DROP_SLOT = 'SELECT pg_catalog.pg_drop_replication_slot($1)';
const ORIGIN = 'SELECT 1 FROM pg_catalog.pg_replication_origin WHERE roname = $1';
const DROP_ORIGIN = 'SELECT pg_catalog.pg_replication_origin_drop($1)';
/** Its name may come back, for another node. */
const RENAME = `UPDATE windlass.node SET name = name || ' (removed, ' || number || ')' WHERE number = $1 AND name NOT LIKE '% (removed, %)'`;
const TIMELINE = 'DELETE FROM windlass.peer_timeline WHERE peer = $1';

/**
 * Forgets a node that is a peer no more: the slot from which it read, which would keep the log for ever, and how far it was applied here. What it
 * wrote stays, with its number. Its replicator, and the own one as far as it knows that peer, should have ended before. By a superuser, outside
 * of a transaction; absence is success. Throws `slot_in_use` when somebody does not let go of it.
 */
export async function forgetNode(client: pg.ClientBase, number: number): Promise<void> {
  await dropSlot(client, slotFor(number));
  await dropOrigin(client, originOf(number));
  const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass('windlass.node') IS NOT NULL AS there`);
  if (!rows[0]?.there) return;
  await client.query(RENAME, [number]);
  await client.query(TIMELINE, [number]);
}

/**
 * Drops only the slot from which a node reads: also of one that was to be added and never was. By a superuser, outside of a transaction; absence is
 * success. Throws `slot_in_use`.
 */
export const dropSlotOf = (client: pg.ClientBase, number: number): Promise<void> => dropSlot(client, slotFor(number));

/** Whoever reads from it is ended. */
async function dropSlot(client: pg.ClientBase, name: string): Promise<void> {
  await untilFree(`the slot '${name}'`, async () => {
    const [found] = (await client.query<{ pid: number | null }>(SLOT_USER, [name])).rows;
    if (!found) return true;
    if (found.pid !== null) await client.query(END, [found.pid]);
    else await client.query(DROP_SLOT, [name]);
    return false;
  });
}

async function dropOrigin(client: pg.ClientBase, name: string): Promise<void> {
  await untilFree(`the replication origin '${name}'`, async () => {
    if ((await client.query(ORIGIN, [name])).rowCount === 0) return true;
    await client.query(DROP_ORIGIN, [name]);
    return false;
  });
}

/** `step` says when nothing is left; that something is in use (55006), or gone meanwhile (42704), is no error yet. */
async function untilFree(what: string, step: () => Promise<boolean>): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const isDone = await step().catch((err: unknown) => {
      if (!['55006', '42704'].includes((err as { code?: string }).code ?? '')) throw err;
      return false;
    });
    if (isDone) return;
    if (performance.now() - begun > LETS_GO_MS)
      throw new DomainError('slot_in_use', `somebody does not let go of ${what}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
