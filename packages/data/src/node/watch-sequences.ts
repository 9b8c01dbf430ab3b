import type pg from 'pg';
import { givingWay, type Refused } from './in-transaction.ts';
import type { Patience } from './watch-tables.ts';

/** So many are looked at in one transaction, which holds a lock of each that it asks for its last value. */
const PAGE = 500;
const PAGE_OF = 'SELECT due::text[], last::text FROM windlass.unwatched_sequences($1, $2)';
interface Page {
  readonly due: readonly string[];
  /** Where the next one begins; null: there is none. */
  readonly last: string | null;
}

/**
 * Interleaves the sequences that were made where event triggers are off, and those that were set by other means than DDL. Each in a
 * transaction of its own that gives way to users; the session must not be in one. Says how many are left for the next time: they could not be
 * locked, mostly; all of them are listed as colliding.
 */
export async function watchSequences(client: pg.ClientBase, { lockMs }: Patience): Promise<number> {
  let left = 0;
  let after: string | null = '0';
  while (after !== null) {
    const page: Page = await pageAfter(client, after);
    for (const one of page.due)
      left += (await givingWay(client, lockMs, 'SELECT windlass.watch_sequence($1, false)', one)) ? 1 : 0;
    after = page.last;
  }
  return left;
}

async function pageAfter(client: pg.ClientBase, after: string): Promise<Page> {
  return (await client.query<Page>(PAGE_OF, [after, PAGE])).rows[0] ?? { due: [], last: null };
}

/** Moves the sequences of which another node has said that all have to go on beyond a value. Throws the last error after the others are done. */
export async function obeyFloors(client: pg.ClientBase, { lockMs }: Patience): Promise<void> {
  const { rows } = await client.query<{ one: string }>('SELECT floors_due::text AS one FROM windlass.floors_due()');
  let failed: Refused | undefined;
  for (const { one } of rows) {
    const refused = await givingWay(client, lockMs, 'SELECT windlass.obey_floor($1)', one);
    if (refused && !refused.isLater) failed = refused;
  }
  if (failed) throw failed.error;
}

/** The sequences that give equal values on several nodes, as they are named in SQL. */
export async function collidingSequences(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ sequence: string }>('SELECT sequence FROM windlass.colliding_sequences()');
  return rows.map(({ sequence }) => sequence);
}
