import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { change, declare, drop, rowsOf, stateOf, untilHealthy, type Shape } from '../lab/cluster.ts';
import { HOSTS, lab } from '../lab/lab.ts';
import { underFault } from '../lab/under-fault.ts';
import { drawFault, HARMS_OF_MEMBERS } from './faults.ts';
import { removed } from './removed.ts';
import { randomOf } from './random.ts';
import { say, sayRound, verdictOf, type Round } from './verdict.ts';

const ID = 'chaos';
const SHAPE: Shape = { synchronous: true };
const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? '20');
const SEED = Number(process.env['CHAOS_SEED'] ?? String(Date.now() % 1_000_000));
const REPORT = process.env['CHAOS_REPORT'] ?? path.join('/tmp', `windlass-chaos-${String(SEED)}.json`);

/** One fault under observation; what it showed that should not have been is told in words. */
async function playRound(number: number, name: string, random: ReturnType<typeof randomOf>): Promise<Round> {
  try {
    const seen = await underFault(ID, drawFault(name, ID, HOSTS, SHAPE, random));
    const { writer, outageMs, recoveredMs, statusLagMs, probes } = seen;
    const { run, acknowledged, lost } = writer;
    const wrong = [...seen.violations, ...(lost > 0 ? [`${String(lost)} acknowledged writes are lost`] : [])];
    return { number, name, outageMs, recoveredMs, statusLagMs, probes, run, acknowledged, lost, wrong };
  } catch (err) {
    const none = { outageMs: 0, recoveredMs: 0, statusLagMs: 0, probes: 0, run: '', acknowledged: 0, lost: 0 };
    return { ...none, number, name, wrong: [(err as Error).message] };
  }
}

/** After a round that went wrong: a database that is `failed` stays so until somebody updates it. */
async function repair(): Promise<void> {
  await lab('heal', 'all');
  if ((await stateOf(ID)) === 'failed') await change(ID, SHAPE).catch((err: unknown) => say((err as Error).message));
}

/** What only shows at the end: rows of earlier rounds, and what is left of the database. */
async function lookBack(rounds: readonly Round[]): Promise<string[]> {
  const present = await rowsOf(ID);
  const left = rounds.filter(({ run, acknowledged }) => run !== '' && (present.get(run) ?? 0) < acknowledged);
  const wrong = left.map(
    ({ number, run, acknowledged }) =>
      `of round ${String(number)} ${String(present.get(run) ?? 0)} of ${String(acknowledged)} writes are left`,
  );
  return [...wrong, ...(await removed(ID, `pw-${ID}`))];
}

test(`random faults for ${String(MINUTES)} minutes, seed ${String(SEED)}`, async () => {
  const random = randomOf(SEED);
  const rounds: Round[] = [];
  await drop(ID).catch(() => undefined); // of a run that was broken off
  await declare(ID, SHAPE);
  const end = Date.now() + MINUTES * 60_000;
  while (Date.now() < end) {
    const round = await playRound(rounds.length + 1, random.pick(HARMS_OF_MEMBERS), random);
    rounds.push(round);
    sayRound(round);
    if (round.wrong.length > 0) await repair();
  }
  await untilHealthy(ID, { timeoutMs: 180_000 });
  const verdict = verdictOf(SEED, MINUTES, rounds, await lookBack(rounds));
  writeFileSync(REPORT, JSON.stringify({ ...verdict, rounds }, undefined, 2));
  say(`${verdict.text}\nreport: ${REPORT}`);
  expect(verdict.wrong).toEqual([]);
});
