import type pg from 'pg';

/** What a round did. */
export interface Settled {
  /** Tombstones that have their version now. */
  readonly tombstones: number;
  /** Tombstones whose version Postgres had forgotten: they are gone. More than 0 is a reason to compare. */
  readonly lost: number;
  /** Entries of local transactions that are in the tallies now. */
  readonly entries: number;
}

/** So many pages of tombstones, or entries, are one transaction. */
const PAGES = 64;
const ENTRIES = 5000;

const COUNT_PAGES = `SELECT (pg_catalog.pg_relation_size('windlass.tombstone') / current_setting('block_size')::int)::int AS pages`;

/**
 * Gives what local transactions left its version, while Postgres still knows it. To be called every minute or so, in a session that is not
 * in a transaction. Nobody waits for it longer than for one batch, and it waits for nobody.
 */
export async function settle(client: pg.ClientBase): Promise<Settled> {
  const tables = await one(client, 'SELECT settled::int, lost::int FROM windlass.settle_tables()', []);
  let { settled: tombstones, lost } = tables;
  const pages = await pagesOf(client);
  for (let first = 0; first < pages; first += PAGES) {
    const batch = await one(client, 'SELECT settled::int, lost::int FROM windlass.settle($1, $2)', [first, PAGES]);
    tombstones += batch.settled;
    lost += batch.lost;
  }
  return { tombstones, lost, entries: await foldAll(client) };
}

/** How many pages the tombstones take. */
export async function pagesOf(client: pg.ClientBase): Promise<number> {
  return (await client.query<{ pages: number }>(COUNT_PAGES)).rows[0]?.pages ?? 0;
}

async function one(
  client: pg.ClientBase,
  text: string,
  values: readonly number[],
): Promise<{ settled: number; lost: number }> {
  const { rows } = await client.query<{ settled: number; lost: number }>(text, [...values]);
  return rows[0] ?? { settled: 0, lost: 0 };
}

async function foldAll(client: pg.ClientBase): Promise<number> {
  let entries = 0;
  for (;;) {
    const { rows } = await client.query<{ taken: number }>('SELECT windlass.fold(NULL, $1)::int AS taken', [ENTRIES]);
    const taken = rows[0]?.taken ?? 0;
    entries += taken;
    if (taken < ENTRIES) return entries;
  }
}
