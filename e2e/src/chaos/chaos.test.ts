import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { get, hasEnded } from '../client.ts';
import { change, declare, drop, rowsOf, stateOf, untilHealthy, type Shape } from '../lab/cluster.ts';
import { HOSTS, lab } from '../lab/lab.ts';
import { leftBehind } from '../lab/left-behind.ts';
import { replayAll } from '../lab/replays.ts';
import { secretsInClear } from '../lab/secrets-in-clear.ts';
import { underFault } from '../lab/under-fault.ts';
import { until } from '../stack.ts';
import { drawFault, HARMS } from './faults.ts';
import { randomOf } from './random.ts';
import { verdictOf, type Round } from './verdict.ts';

const ID = 'chaos';
const SHAPE: Shape = { synchronous: true };
const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? '20');
const SEED = Number(process.env['CHAOS_SEED'] ?? String(Date.now() % 1_000_000));
const REPORT = process.env['CHAOS_REPORT'] ?? path.join('/tmp', `windlass-chaos-${String(SEED)}.json`);

const say = (text: string): void => void process.stderr.write(`${text}\n`);

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

/** What only shows at the end: rows of earlier rounds, tasks, workflows, secrets, leftovers. */
async function lookBack(rounds: readonly Round[]): Promise<string[]> {
  const wrong: string[] = [];
  const present = await rowsOf(ID);
  for (const { number, run, acknowledged } of rounds)
    if (run !== '' && (present.get(run) ?? 0) < acknowledged)
      wrong.push(
        `of round ${String(number)} ${String(present.get(run) ?? 0)} of ${String(acknowledged)} writes are left`,
      );
  const { tasks } = await get<{ tasks: { task_id: string; type: string; status: string }[] }>(
    `/v1/databases/${ID}/tasks`,
  );
  for (const task of tasks) if (!hasEnded(task)) wrong.push(`a task ${task.type} is ${task.status}`);
  await replayAll().catch((err: unknown) => wrong.push((err as Error).message));
  for (const place of await secretsInClear(`pw-${ID}`)) wrong.push(`a password stands in clear: ${place}`);
  await drop(ID);
  const gone = async (): Promise<boolean> => (await leftBehind(ID)).length === 0;
  await until('everything of the database to go', gone).catch(async () => wrong.push(...(await leftBehind(ID))));
  return wrong;
}

test(`random faults for ${String(MINUTES)} minutes, seed ${String(SEED)}`, async () => {
  const random = randomOf(SEED);
  const rounds: Round[] = [];
  await drop(ID).catch(() => undefined); // of a run that was broken off
  await declare(ID, SHAPE);
  const end = Date.now() + MINUTES * 60_000;
  while (Date.now() < end) {
    const round = await playRound(rounds.length + 1, random.pick(Object.keys(HARMS)), random);
    rounds.push(round);
    say(
      `${String(round.number).padStart(3)} ${round.name}: ${JSON.stringify({ ...round, name: undefined, run: undefined })}`,
    );
    if (round.wrong.length > 0) await repair();
  }
  await untilHealthy(ID, { timeoutMs: 180_000 });
  const verdict = verdictOf(SEED, MINUTES, rounds, await lookBack(rounds));
  writeFileSync(REPORT, JSON.stringify({ ...verdict, rounds }, undefined, 2));
  say(`${verdict.text}\nreport: ${REPORT}`);
  expect(verdict.wrong).toEqual([]);
});
