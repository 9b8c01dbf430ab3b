import { readFileSync } from 'node:fs';
import path from 'node:path';
import { done } from '../client.ts';
import { greet } from '../greet.ts';
import { until } from '../stack.ts';
import { startWriter } from '../writer.ts';
import { change, declare, drop, dsnOf, settingOf, untilHealthy, type Shape } from './cluster.ts';
import { expectSafe, LEASE_MS, PROVEN_MS } from './expect-safe.ts';
import { containersOf, HOSTS, lab, onHost, running, swarmIsWhole } from './lab.ts';
import { leftBehind } from './left-behind.ts';
import { replayAll } from './replays.ts';
import { secretsInClear } from './secrets-in-clear.ts';
import { answersAt, etcdPlace, seenFromInside } from './seen-from-inside.ts';
import { underFault } from './under-fault.ts';

const ID = 'lab-node';
const DOOMED = 'lab-doomed';
const SHAPE: Shape = { synchronous: true };
/** Nothing waits for a host that does not answer: an update and a delete take no longer than this without it. */
const WITHOUT_A_HOST_MS = 60_000;

beforeAll(() => Promise.all([declare(ID, SHAPE), declare(DOOMED)]));
afterAll(async () => {
  await lab('heal', 'all');
  await Promise.all([ID, DOOMED].map((id) => drop(id).catch(() => undefined)));
});

test('one declaration, three hosts: a primary, two replicas that stream, each on its own engine', async () => {
  const members = await untilHealthy(ID);
  expect(members.map((m) => m.host)).toEqual([...HOSTS]);
  for (const host of HOSTS) expect(await containersOf(host, ID)).toHaveLength(1);
  const writer = startWriter(await dsnOf(ID));
  await writer.writes(10_000, 11);
  const report = await writer.finish();
  expect(report).toMatchObject({ lost: 0, missing: [] });
  expect(report.acknowledged).toBeGreaterThan(10);
});

test('Temporal is reached over TLS, with the operator’s certificate alone', async () => {
  const told = await lab('env');
  const [, port] = /WINDLASS_LAB_TEMPORAL=127.0.0.1:(\d+)/.exec(told) ?? [];
  const [, home = ''] = /WINDLASS_LAB_HOME=(\S+)/.exec(told) ?? [];
  const [, subnet = ''] = /WINDLASS_LAB_SUBNET=(\S+)/.exec(told) ?? [];
  const at = { host: `${subnet}.1`, port: Number(port) };
  const [ca, cert, key, otherCert, otherKey] = ['ca.crt', 'root.crt', 'root.key', 'server.crt', 'server.key'].map(
    (file) => readFileSync(path.join(home, 'ca', file)),
  );
  expect(await greet(at, 'localhost', { ca, cert, key })).toBe('accepted');
  expect(await greet(at, 'localhost', { ca })).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED');
  expect(await greet(at, 'localhost', { ca, cert: otherCert, key: otherKey })).toMatch(/^(closed|ECONNRESET)$/); // of the same authority
});

test("row 13: the primary's container is killed", async () => {
  const seen = await underFault(ID, async ({ host }, sampler) => {
    await onHost(host, `docker kill ${running(ID)}`);
    await sampler.takeover(host);
  });
  expectSafe('row 13, container killed', seen, { outageMs: PROVEN_MS });
});

test('row 17: the host of the primary dies; failover, update and delete go on without it; it comes back and catches up', async () => {
  const shape = { ...SHAPE, settings: { work_mem: '5MB' } };
  const seen = await underFault(ID, async ({ host }, sampler) => {
    await lab('kill', host);
    const { host: second } = await sampler.takeover(host);
    const begun = Date.now();
    await Promise.all([change(ID, shape, '', WITHOUT_A_HOST_MS), drop(DOOMED, WITHOUT_A_HOST_MS)]);
    const changedMs = Date.now() - begun;
    await failOver(second);
    process.stderr.write(`without ${host}: update and delete ${String(changedMs)} ms\n`);
    await lab('heal', host);
  });
  expectSafe('row 17, host killed, then a failover', seen, { outageMs: LEASE_MS });
  expect(await Promise.all(seen.members.map((m) => settingOf(ID, m, 'work_mem')))).toEqual(['5MB', '5MB', '5MB']);
  await until('the rest of the deleted database to go', async () => (await leftBehind(DOOMED)).length === 0);
});

/** To the only other member that is there. */
async function failOver(from: string): Promise<void> {
  await done(ID, 'POST', `/v1/databases/${ID}/nodes/n1/failover`, { skip_validation: true }, 120_000);
  const other = async (): Promise<boolean> =>
    (await untilHealthy(ID, { members: 2, state: 'degraded' })).some((m) => m.role === 'primary' && m.host !== from);
  await until('the other member to be primary', other);
}

test('the host of the primary is cut off from everything but clients', async () => {
  const seen = await underFault(ID, async ({ host }, sampler) => {
    await lab('partition', host);
    await sampler.takeover(host);
    await lab('heal', host);
  });
  expectSafe('partition', seen, { outageMs: LEASE_MS });
});

test('after all of this: from inside of a member etcd answers, and nothing else of the hosts; clients get in at the client address', async () => {
  const etcd = await etcdPlace();
  expect(await seenFromInside(ID)).toEqual(Object.fromEntries(HOSTS.map((host) => [host, [etcd]])));
  const [one] = await untilHealthy(ID);
  if (one) expect(await answersAt(one.host, one)).toEqual([one.address]);
});

test('afterwards: no password stands anywhere in clear, every workflow can be replayed, a delete leaves nothing', async () => {
  expect(await secretsInClear(`pw-${ID}`)).toEqual([]);
  expect(await replayAll()).toBeGreaterThan(4);
  await swarmIsWhole(); // a manager that was cut off may need a minute to find its leader again
  await drop(ID);
  expect(await leftBehind(ID)).toEqual([]);
});
