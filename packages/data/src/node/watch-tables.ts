import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { DomainError } from '@windlass/error-table';
import { givingWay } from './in-transaction.ts';

/** How long one table may make its users wait, and how long all may keep us from locking them, in ms. */
export interface Patience {
  readonly lockMs: number;
  readonly totalMs: number;
}
export const PATIENCE: Patience = { lockMs: 300, totalMs: 60_000 };
const PAUSE_MS = 200;

interface Unwatched {
  readonly relation: string;
  readonly name: string | null;
}

const UNWATCHED = 'SELECT relation::text, name FROM windlass.unwatched()';

/**
 * Gives all tables what they lack: those that are older than the event triggers, and those that were made or changed where event triggers
 * are off. Each in a transaction of its own that gives way to users; the session must not be in one. Says how many there were. Throws
 * `resource_contended` with the tables that could not be locked in time, `operation_not_supported` with those that cannot replicate.
 */
export async function watchTables(client: pg.ClientBase, patience: Patience = PATIENCE): Promise<number> {
  const until = Date.now() + patience.totalMs;
  let done = 0;
  for (;;) {
    const { rows } = await client.query<Unwatched>(UNWATCHED);
    const left: Unwatched[] = [];
    for (const table of rows) {
      if (await watchTable(client, table, patience.lockMs)) done += 1;
      else left.push(table);
    }
    if (left.length === 0) return done;
    if (Date.now() > until)
      throw new DomainError('resource_contended', `these tables are in use and cannot be locked: ${namesOf(left)}`);
    await sleep(PAUSE_MS);
  }
}

/** False: somebody holds the table. */
async function watchTable(client: pg.ClientBase, { relation, name }: Unwatched, lockMs: number): Promise<boolean> {
  const refused = await givingWay(client, lockMs, 'SELECT windlass.watch($1::oid)', relation);
  if (!refused || refused.isLater) return !refused;
  const { code, message, error } = refused;
  if (code === '0A000') throw new DomainError('operation_not_supported', message, { cause: error });
  throw new Error(`table ${name ?? relation} cannot be prepared: ${message}`, { cause: error });
}

const namesOf = (tables: readonly Unwatched[]): string =>
  tables.map(({ name, relation }) => name ?? relation).join(', ');
