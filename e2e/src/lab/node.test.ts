import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../stack.ts';
import { drop, declare, dsnOf, untilHealthy } from './cluster.ts';
import { expectSafe } from './expect-safe.ts';
import { containersOf, HOSTS, lab, onHost, running } from './lab.ts';
import { leftBehind } from './left-behind.ts';
import { underFault } from './under-fault.ts';
import { startWriter } from './writer.ts';

const ID = 'lab-node';
/** Where death is proven the lock is taken away at once; the rest is the machine, which other work may keep busy. */
const PROVEN_MS = 10_000;
/** A silent primary keeps its lock until its lease ends: 20 s. */
const LEASE_MS = 35_000;

beforeAll(async () => declare(ID, { synchronous: true }));
afterAll(async () => {
  await lab('heal', 'all');
  await drop(ID);
});

const postmaster = (host: string): Promise<string> =>
  onHost(host, `docker exec ${running(ID)} head -n 1 /windlass/data/pgdata/postmaster.pid`);

test('one declaration, three hosts: a primary, two replicas that stream, each on its own engine', async () => {
  const members = await untilHealthy(ID);
  expect(members.map((m) => m.host)).toEqual([...HOSTS]);
  for (const host of HOSTS) expect(await containersOf(host, ID)).toHaveLength(1);
  const writer = startWriter(await dsnOf(ID));
  await sleep(1000);
  const report = await writer.finish();
  expect(report).toMatchObject({ lost: 0, outages: [] });
  expect(report.acknowledged).toBeGreaterThan(10);
});

test("row 13: the primary's container is killed", async () => {
  const seen = await underFault(ID, async ({ host }, sampler) => {
    await onHost(host, `docker kill ${running(ID)}`);
    await sampler.takeover(host);
  });
  expectSafe('row 13, container killed', seen, { outageMs: PROVEN_MS });
});

test('row 14: the postmaster is killed', async () => {
  const seen = await underFault(ID, async ({ host }) => {
    const before = await postmaster(host);
    await onHost(host, `docker exec ${running(ID)} kill -9 ${before}`);
    const goes = async (): Promise<boolean> => ![before, ''].includes(await postmaster(host).catch(() => ''));
    await until('Postgres to run again', goes);
  });
  expectSafe('row 14, postmaster killed', seen, { outageMs: PROVEN_MS });
});

test('row 17: the host of the primary dies and comes back', async () => {
  const seen = await underFault(ID, async ({ host }, sampler) => {
    await lab('kill', host);
    await sampler.takeover(host);
    await lab('heal', host);
  });
  expectSafe('row 17, host killed', seen, { outageMs: LEASE_MS });
});

test('row 19: the primary is cut off from etcd, Temporal and the API only', async () => {
  const seen = await underFault(ID, async ({ host }) => {
    await lab('partition', host, 'control');
    await sleep(LEASE_MS); // Patroni's failsafe mode keeps the primary while it reaches every member: nothing may happen
    await lab('heal', host);
  });
  expectSafe('row 19, primary without etcd', seen, { outageMs: LEASE_MS });
});

test('row 20: the primary is cut off from its replicas only', async () => {
  const seen = await underFault(ID, async ({ host }) => {
    await lab('partition', host, 'hosts');
    await sleep(LEASE_MS);
    await lab('heal', host);
  });
  expectSafe('row 20, primary without replicas', seen, { outageMs: 2 * LEASE_MS });
});

test('the host of the primary is cut off from everything but clients', async () => {
  const seen = await underFault(ID, async ({ host }, sampler) => {
    await lab('partition', host);
    await sampler.takeover(host);
    await lab('heal', host);
  });
  expectSafe('partition', seen, { outageMs: LEASE_MS });
});

test('the host of the primary stands still and goes on', async () => {
  const seen = await underFault(ID, async ({ host }, sampler) => {
    await lab('freeze', host);
    await sampler.takeover(host);
    await lab('heal', host);
  });
  expectSafe('freeze', seen, { outageMs: LEASE_MS });
});

test('after the delete nothing is left on any host and nothing in etcd', async () => {
  await drop(ID);
  expect(await leftBehind(ID)).toEqual([]);
  await declare(ID, { synchronous: true });
});
