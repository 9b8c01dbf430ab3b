import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { accept, done, ended, get, hasEnded, type Task } from '../client.ts';
import { until } from '../stack.ts';
import { ask, declare, drop, specOn, untilHealthy, type Member } from './cluster.ts';
import { expectSafe, LEASE_MS, PROVEN_MS } from './expect-safe.ts';
import { containersOf, HOSTS, lab, onHost, running } from './lab.ts';
import { leftBehind } from './left-behind.ts';
import { underFault } from './under-fault.ts';

const ID = 'lab-life';
const SHAPE = { synchronous: true };

beforeAll(() => declare(ID, SHAPE));
afterAll(async () => {
  await lab('heal', 'all');
  await drop(ID);
});

const primaryAmong = (members: readonly Member[]): Member => members.find((m) => m.role === 'primary') as Member;
const killContainer = (host: string, id = ID): Promise<string> => onHost(host, `docker kill ${running(id)}`);

test('row 16: killed as soon as it is said to be healthy, five times: somebody always takes over', async () => {
  for (let round = 1; round <= 5; round += 1) {
    const seen = await underFault(ID, async ({ host }, sampler) => {
      await killContainer(host);
      await sampler.takeover(host);
    });
    expectSafe(`row 16, kill ${String(round)}`, seen, { outageMs: PROVEN_MS });
  }
});

test('row 18: the swarm has no quorum: writes go on; what is declared meanwhile is done when it has one again', async () => {
  const id = 'lab-patient';
  let task: Task | undefined;
  const seen = await underFault(ID, async ({ host }) => {
    for (const other of HOSTS.filter((name) => name !== host)) await lab('partition', other, 'swarm');
    task = await accept('POST', '/v1/databases', { id, spec: specOn(id) });
    await sleep(15_000);
    await lab('heal', 'all');
  });
  expectSafe('row 18, swarm without quorum', seen, { outageMs: 1000 });
  expect(await ended(id, task as Task, 120_000)).toMatchObject({ status: 'completed' });
  await drop(id);
});

test('row 33: a change is sent, the primary is killed, a delete is sent: it ends within 60 s and leaves nothing', async () => {
  const id = 'lab-brief';
  await declare(id, SHAPE);
  const { host } = primaryAmong(await untilHealthy(id));
  const changing = await accept('POST', `/v1/databases/${id}`, {
    spec: specOn(id, { ...SHAPE, settings: { work_mem: '6MB' } }),
  });
  await killContainer(host, id);
  const begun = Date.now();
  await drop(id, 60_000);
  process.stderr.write(`row 33, delete in a failover in an update: ${String(Date.now() - begun)} ms\n`);
  expect(['completed', 'canceled', 'failed']).toContain((await ended(id, changing)).status);
  await until('nothing to be left', async () => (await leftBehind(id)).length === 0);
});

test('row 35: a service is removed by hand: it is made again by itself, its data is still there', async () => {
  const { host } = (await untilHealthy(ID)).find((m) => m.role === 'replica') as Member;
  const seen = await underFault(ID, async () => {
    const service = `$(docker ps -q --filter label=pgedge.database.id=${ID} | xargs docker inspect -f '{{index .Config.Labels "com.docker.swarm.service.name"}}')`;
    await onHost(host, `docker service rm ${service}`);
    await until('it to be gone', async () => (await containersOf(host, ID)).length === 0);
    await until('a container again', async () => (await containersOf(host, ID)).length === 1, 60_000);
  });
  expectSafe('row 35, service removed', seen, { outageMs: PROVEN_MS });
});

test('row 39: a client that stayed with the old primary cannot write there any more', async () => {
  const old = primaryAmong(await untilHealthy(ID));
  const client = new pg.Client({ host: old.address, port: old.port, user: 'app', password: `pw-${ID}`, database: ID });
  client.on('error', () => undefined);
  await client.connect();
  await done(ID, 'POST', `/v1/databases/${ID}/nodes/n1/switchover`, {});
  await expect(client.query('CREATE TABLE stale (n int)')).rejects.toThrow(
    /terminat|closed|connection error|read-only|recovery/i,
  );
  await client.end().catch(() => undefined);
  await untilHealthy(ID);
  await expect(ask(ID, old, 'CREATE TABLE stale (n int)')).rejects.toThrow(/read-only|recovery/);
});

test('row 41: a switchover under a transaction that never ends is done in time, and the transaction leaves nothing', async () => {
  const old = primaryAmong(await untilHealthy(ID));
  const client = new pg.Client({ host: old.address, port: old.port, user: 'app', password: `pw-${ID}`, database: ID });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('BEGIN');
  await client.query('CREATE TABLE never_committed (n int)');
  const seen = await underFault(ID, () => done(ID, 'POST', `/v1/databases/${ID}/nodes/n1/switchover`, {}, LEASE_MS));
  expectSafe('row 41, switchover under an open transaction', seen, { outageMs: PROVEN_MS });
  const now = primaryAmong(await untilHealthy(ID));
  expect(now.host).not.toBe(old.host);
  expect(await ask(ID, now, "SELECT 1 FROM pg_tables WHERE tablename = 'never_committed'")).toEqual([]);
  await client.end().catch(() => undefined);
});

test('row 34 and O1: every task of this life has ended', async () => {
  const { tasks } = await get<{ tasks: Task[] }>(`/v1/databases/${ID}/tasks`);
  expect(tasks.length).toBeGreaterThan(5);
  expect(tasks.filter((t) => !hasEnded(t))).toEqual([]);
});
