import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../stack.ts';
import { declare, drop } from './cluster.ts';
import { expectSafe, LEASE_MS, PROVEN_MS } from './expect-safe.ts';
import { lab, onHost, running } from './lab.ts';
import { underFault } from './under-fault.ts';

const ID = 'lab-failures';

beforeAll(async () => declare(ID, { synchronous: true }));
afterAll(async () => {
  await lab('heal', 'all');
  await drop(ID);
});

const postmaster = (host: string): Promise<string> =>
  onHost(host, `docker exec ${running(ID)} head -n 1 /windlass/data/pgdata/postmaster.pid`);

test('row 14: the postmaster is killed', async () => {
  const seen = await underFault(ID, async ({ host }) => {
    const before = await postmaster(host);
    await onHost(host, `docker exec ${running(ID)} kill -9 ${before}`);
    const goes = async (): Promise<boolean> => ![before, ''].includes(await postmaster(host).catch(() => ''));
    await until('Postgres to run again', goes);
  });
  expectSafe('row 14, postmaster killed', seen, { outageMs: PROVEN_MS });
});

test('row 15: Patroni stands still, Postgres goes on; it wakes up later', async () => {
  const seen = await underFault(ID, async ({ host }, sampler) => {
    const signal = (name: string) => `pkill -${name} -f windlass-patroni`;
    await onHost(host, `docker exec ${running(ID)} ${signal('STOP')}`);
    await sampler.takeover(host);
    // Its host may have ended it by then: it is writable and another member holds the lock.
    await onHost(host, `for id in ${running(ID)}; do docker exec $id ${signal('CONT')} || true; done`);
  });
  expectSafe('row 15, Patroni frozen', seen, { outageMs: LEASE_MS });
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

test('the host of the primary stands still and goes on', async () => {
  const seen = await underFault(ID, async ({ host }, sampler) => {
    await lab('freeze', host);
    await sampler.takeover(host);
    await lab('heal', host);
  });
  expectSafe('freeze', seen, { outageMs: LEASE_MS });
});
