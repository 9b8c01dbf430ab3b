import type pg from 'pg';

/** A clock, compared with that of this process. */
export interface ClockSample {
  /** How much it is ahead, in ms. */
  readonly aheadMs: number;
  /** How long the question took: it is wrong by half of that at most. */
  readonly roundTripMs: number;
}

/** The time, in microseconds since 1970, among the columns of a statement. */
const NOW = '(extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint::text AS now';
const CLOCK = { name: 'clock', text: `SELECT ${NOW}` };
const CLOCK_AND_LOG = { name: 'clock and log', text: `SELECT ${NOW}, pg_catalog.pg_current_wal_lsn()::text AS lsn` };

/** An answer that came so fast is wrong by little. */
const FAST_MS = 5;
const QUESTIONS = 3;

interface Answer {
  readonly now: string;
}
type Timed<A> = ClockSample & A;

export const sampleClock = (client: pg.Client): Promise<ClockSample> => ask<Answer>(client, CLOCK);

/** Also how far the log is written. */
export const sampleClockAndLog = (client: pg.Client): Promise<Timed<{ readonly lsn: string }>> =>
  ask<Answer & { readonly lsn: string }>(client, CLOCK_AND_LOG);

/** Asks until an answer came fast, three times at most, and takes the one that came fastest. */
async function ask<A extends Answer>(client: pg.Client, statement: pg.QueryConfig): Promise<Timed<A>> {
  let best = await askOnce<A>(client, statement);
  for (let i = 1; i < QUESTIONS && best.roundTripMs > FAST_MS; i += 1) {
    const next = await askOnce<A>(client, statement);
    if (next.roundTripMs < best.roundTripMs) best = next;
  }
  return best;
}

async function askOnce<A extends Answer>(client: pg.Client, statement: pg.QueryConfig): Promise<Timed<A>> {
  const [before, begun] = [Date.now(), performance.now()];
  const [row] = (await client.query<A>(statement)).rows;
  const roundTripMs = performance.now() - begun;
  if (!row) throw new Error('no time was said');
  return { ...row, aheadMs: Number(row.now) / 1000 - (before + roundTripMs / 2), roundTripMs };
}

/** How much the first is ahead of the second. This process' own clock does not count: it is in both. */
export const offsetMs = (a: ClockSample, b: ClockSample): number => Math.round((a.aheadMs - b.aheadMs) * 1000) / 1000;
