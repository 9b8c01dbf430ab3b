import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { until } from './stack.ts';

export const TABLE = 'CREATE TABLE IF NOT EXISTS w (id text PRIMARY KEY, n int NOT NULL, by text NOT NULL)';
const PAUSE_MS = 100;
const ROWS = 100;
/** How long something that goes on may take to go on. */
const GOES_ON_MS = 60_000;

type Open = () => Promise<pg.Client>;

/** Something that happens again and again until it is told to end: counts it, and the longest time in which it did not happen. */
class Beat {
  isOver = false;
  #count = 0;
  #at = performance.now();
  #longestMs = 0;

  happened(): void {
    this.#count += 1;
    this.#longestMs = Math.max(this.#longestMs, performance.now() - this.#at);
    this.#at = performance.now();
  }

  get count(): number {
    return this.#count;
  }

  /** Until now. */
  get longestMs(): number {
    return Math.round(Math.max(this.#longestMs, performance.now() - this.#at));
  }

  async more(what: string, times: number): Promise<void> {
    const wanted = this.#count + times;
    await until(what, () => Promise.resolve(this.#count >= wanted), GOES_ON_MS);
  }
}

/** Calls `once` again and again with a session, which is opened anew when it breaks. */
async function again(beat: Beat, open: Open, once: (client: pg.Client) => Promise<void>): Promise<void> {
  let client: pg.Client | undefined;
  while (!beat.isOver) {
    try {
      client ??= await open();
      await once(client);
      await sleep(PAUSE_MS);
    } catch {
      await client?.end().catch(() => undefined);
      client = undefined;
      await sleep(20);
    }
  }
  await client?.end().catch(() => undefined);
}

export interface Written {
  /** Transactions that were acknowledged. */
  readonly transactions: number;
  /** Ids whose insert was acknowledged and that nobody deletes. */
  readonly kept: readonly string[];
  /** The longest time without an acknowledged transaction, in ms. */
  readonly longestMs: number;
}

export interface NodeWriter {
  /** Resolves when so many more transactions are acknowledged. */
  more(times: number): Promise<void>;
  finish(): Promise<Written>;
}

/**
 * Writes to a node every 100 ms, from when it lets it in: 100 new rows, changes and deletes of rows of anybody, in one statement or several.
 * A connection that breaks is made again.
 */
export function writeTo(node: string, open: Open): NodeWriter {
  const beat = new Beat();
  const kept: string[] = [];
  const began = Date.now();
  let round = 0;
  const running = again(beat, open, async (client) => {
    round += 1;
    const id = `kept-${node}-${String(began)}-${String(round)}`;
    await write(client, { node, round, id });
    kept.push(id);
    beat.happened();
  });
  return {
    more: (times) => beat.more(`${node} to take writes`, times),
    finish: async () => {
      const { longestMs } = beat;
      beat.isOver = true;
      await running;
      return { transactions: beat.count, kept, longestMs };
    },
  };
}

/** Lets writers write while something is done. Ends them also where that fails; gives what they wrote. */
export async function whileTheyWrite<W extends readonly NodeWriter[]>(
  writers: W,
  work: (writers: W) => Promise<unknown>,
): Promise<Written[]> {
  const finish = () => Promise.all(writers.map((writer) => writer.finish()));
  try {
    await work(writers);
  } catch (err) {
    await finish();
    throw err;
  }
  return finish();
}

const INSERT = `INSERT INTO w SELECT gen_random_uuid()::text, $1::int, $2 FROM generate_series(1, ${String(ROWS)})`;
const some = (rows: number, which: string): string =>
  `id IN (SELECT id FROM w WHERE id > $1 AND ${which} ORDER BY id LIMIT ${String(rows)} FOR UPDATE SKIP LOCKED)`;
const UPDATE = `UPDATE w SET n = n + 1, by = $2 WHERE ${some(30, 'true')}`;
const DELETE = `DELETE FROM w WHERE ${some(20, `NOT starts_with(id, 'kept-')`)}`;
const SHARED = `INSERT INTO w VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET n = excluded.n, by = excluded.by`;

/** A place in the order of the keys, now and then among what is kept: rows are found by their index, however many there are. */
const somewhere = (): string => (Math.random() < 0.2 ? 'kept-' : Math.random().toString(16).slice(2, 8));

async function write(client: pg.Client, { node, round, id }: { node: string; round: number; id: string }) {
  await client.query(INSERT, [round, node]);
  await client.query('BEGIN');
  await client.query(UPDATE, [somewhere(), node]);
  if (round % 2 === 0) await client.query(DELETE, [somewhere()]);
  await client.query('INSERT INTO w VALUES ($1, $2, $3)', [id, round, node]);
  await client.query(SHARED, [`shared-${String(round % 7)}`, round, node]);
  await client.query('COMMIT');
}

export interface Arrivals {
  /** Resolves when rows have arrived so many more times. */
  more(times: number): Promise<void>;
  /** The longest time in which none did, in ms. */
  finish(): Promise<number>;
}

/** Watches how what the writer of one node keeps arrives at another. */
export function arrivalsOf(node: string, open: Open): Arrivals {
  const beat = new Beat();
  let seen = 0;
  const running = again(beat, open, async (client) => {
    const text = `SELECT count(*)::int AS rows FROM w WHERE id BETWEEN $1 || '0' AND $1 || 'a' AND starts_with(id, $1)`;
    const rows = (await client.query<{ rows: number }>(text, [`kept-${node}-`])).rows[0]?.rows ?? 0;
    if (rows > seen) beat.happened();
    seen = rows;
  });
  return {
    more: (times) => beat.more(`what ${node} writes to arrive`, times),
    finish: async () => {
      const { longestMs } = beat;
      beat.isOver = true;
      await running;
      return longestMs;
    },
  };
}
