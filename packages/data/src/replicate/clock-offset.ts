import { CLOCK } from './own-tables.ts';
import type pg from 'pg';

/** A clock, compared with that of this process. */
export interface ClockSample {
  /** How much it is ahead, in ms. */
  readonly aheadMs: number;
  /** How long the question took: it is wrong by half of that at most. */
  readonly roundTripMs: number;
}

const QUESTIONS = 3;

/** Asks three times and takes the answer that came fastest. */
export async function sampleClock(client: pg.Client): Promise<ClockSample> {
  const samples: ClockSample[] = [];
  for (let i = 0; i < QUESTIONS; i += 1) samples.push(await ask(client));
  return samples.reduce((best, one) => (one.roundTripMs < best.roundTripMs ? one : best));
}

async function ask(client: pg.Client): Promise<ClockSample> {
  const [before, begun] = [Date.now(), performance.now()];
  const { rows } = await client.query<{ now: string }>(CLOCK);
  const roundTripMs = performance.now() - begun;
  return { aheadMs: Number(rows[0]?.now) / 1000 - (before + roundTripMs / 2), roundTripMs };
}

/** How much the first is ahead of the second. This process' own clock does not count: it is in both. */
export const offsetMs = (a: ClockSample, b: ClockSample): number => Math.round((a.aheadMs - b.aheadMs) * 1000) / 1000;
