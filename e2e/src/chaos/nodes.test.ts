import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { completed, accept, done, get } from '../client.ts';
import { drop } from '../lab/cluster.ts';
import { HOSTS, lab } from '../lab/lab.ts';
import { TABLE, whileTheyWrite, writeTo, type Written } from '../node-writers.ts';
import { SeveralNodes } from '../several-nodes.ts';
import { until } from '../stack.ts';
import { drawFault, HARMS_OF_NODES } from './faults.ts';
import { randomOf, type Random } from './random.ts';
import { removed } from './removed.ts';
import { say, sayRound, verdictOf, type Round } from './verdict.ts';

const ID = 'chaos-nodes';
const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? '20');
const SEED = Number(process.env['CHAOS_SEED'] ?? String(Date.now() % 1_000_000));
const REPORT = process.env['CHAOS_REPORT'] ?? path.join('/tmp', `windlass-chaos-${String(SEED)}.json`);
const NODES = Array.from({ length: Number(process.env['CHAOS_NODES'] ?? '3') }, (_, i) => `n${String(i + 1)}`);
const EQUAL_WITHIN_MS = 180_000;

const db = new SeveralNodes(ID);
const spec = {
  ...{ database_name: 'shop', port: 0 },
  database_users: [{ username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] }],
  nodes: NODES.map((name, i) => ({ name, host_ids: [HOSTS[i % HOSTS.length] ?? ''] })),
};

/** The rows of a node in one number; it does not go through what is tested. */
async function digestOf(node: string): Promise<string> {
  const text = 'SELECT count(*) AS rows, sum(hashtextextended(w::text, 0)) AS sum FROM w';
  return JSON.stringify(await db.sql(node, text));
}

/** Ids that were acknowledged and that a node does not have. */
async function missingAt(node: string, ids: readonly string[]): Promise<string[]> {
  const text = 'SELECT k.id FROM unnest($1::text[]) k(id) WHERE NOT EXISTS (SELECT FROM w WHERE w.id = k.id)';
  return (await db.sql<{ id: string }>(node, text, [ids])).map(({ id }) => id);
}

const CALLS_FOR_HELP = ['node_must_be_rebuilt', 'slot_lost', 'replication_stopped', 'nodes_differ'];

async function callsForHelp(): Promise<string[]> {
  const { conditions = [] } = await get<{ conditions?: { type: string; message?: string }[] }>(`/v1/databases/${ID}`);
  return conditions.filter(({ type }) => CALLS_FOR_HELP.includes(type)).map((one) => JSON.stringify(one));
}

/** All nodes write while something happens and is mended; then they have to become equal by themselves. */
async function whileAllWrite(fault: () => Promise<void>): Promise<{ written: Written[]; recoveredMs: number }> {
  let healedAt = 0;
  const writers = NODES.map((node) => writeTo(node, () => db.connect(node)));
  const goOn = () => Promise.all(writers.map((writer) => writer.more(5)));
  const written = await whileTheyWrite(writers, async () => {
    await goOn();
    await fault();
    healedAt = Date.now();
    await goOn();
  });
  const equal = async (): Promise<boolean> => new Set(await Promise.all(NODES.map(digestOf))).size === 1;
  await until('all nodes to be equal', equal, EQUAL_WITHIN_MS);
  return { written, recoveredMs: Date.now() - healedAt };
}

async function playRound(number: number, name: string, random: Random): Promise<Round> {
  const none = { outageMs: 0, recoveredMs: 0, statusLagMs: 0, probes: 0, run: '', acknowledged: 0, lost: 0 };
  try {
    const fault = drawFault(name, ID, HOSTS, {}, random);
    const host = random.pick(HOSTS);
    const { written, recoveredMs } = await whileAllWrite(() => fault({ host }));
    const kept = written.flatMap((one) => one.kept);
    const lost = (await Promise.all(NODES.map((node) => missingAt(node, kept)))).flat().length;
    const outageMs = Math.max(...written.map((one) => one.longestMs));
    const wrong = [...(await callsForHelp()), ...(lost > 0 ? [`${String(lost)} acknowledged writes are missing`] : [])];
    return { ...none, number, name, outageMs, recoveredMs, acknowledged: kept.length, lost, wrong };
  } catch (err) {
    return { ...none, number, name, wrong: [(err as Error).message, ...(await callsForHelp().catch(() => []))] };
  } finally {
    await db.close();
  }
}

async function compared(): Promise<string[]> {
  await completed(ID, await accept('POST', `/v1/databases/${ID}/compare`, {}), 300_000);
  const { equal } = await get<{ equal: boolean }>(`/v1/databases/${ID}/compare`);
  return equal ? [] : ['compare says that the nodes differ'];
}

test(`${String(NODES.length)} nodes, random faults for ${String(MINUTES)} minutes, seed ${String(SEED)}`, async () => {
  const random = randomOf(SEED);
  const rounds: Round[] = [];
  await drop(ID).catch(() => undefined); // of a run that was broken off
  await done(ID, 'POST', '/v1/databases', { id: ID, spec }, 180_000);
  await db.sql(NODES[0] ?? '', TABLE);
  await until('the table to be everywhere', async () => (await Promise.all(NODES.map(digestOf))).length > 0);
  const end = Date.now() + MINUTES * 60_000;
  while (Date.now() < end) {
    const round = await playRound(rounds.length + 1, random.pick(HARMS_OF_NODES), random);
    rounds.push(round);
    sayRound(round);
    if (round.wrong.length > 0) await lab('heal', 'all');
  }
  await db.well();
  const atTheEnd = [...(await compared()), ...(await callsForHelp()), ...(await removed(ID, 'pw-app'))];
  const verdict = verdictOf(SEED, MINUTES, rounds, atTheEnd);
  writeFileSync(REPORT, JSON.stringify({ ...verdict, rounds }, undefined, 2));
  say(`${verdict.text}\nreport: ${REPORT}`);
  expect(verdict.wrong).toEqual([]);
});
