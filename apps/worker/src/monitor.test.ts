import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients } from '@windlass/resources/clients';
import { createMemoryKv } from '@windlass/resources/store';
import { InstanceMonitor } from './monitor.ts';

const instance = {
  ref: { kind: 'postgres.instance', id: 'shop-n1-a' },
  executor: { on: 'host', hostId: 'host-1' },
  phase: 'ready',
  spec: {
    instanceId: 'shop-n1-a',
    nodeName: 'n1',
    hostId: 'host-1',
    serviceName: 'postgres-shop-n1-a',
    scope: 'shop:n1',
  },
};
const members = {
  ref: { kind: 'patroni.members', id: 'shop:n1' },
  spec: { members: ['a', 'b'], synchronousStandbys: 1 },
};

test('a primary that names no synchronous standby is asked again and again, until it does', async () => {
  const kv = createMemoryKv();
  await kv.commit([], [{ put: 'resources/shop/postgres.instance::shop-n1-a', value: instance }]);
  await kv.commit([], [{ put: 'resources/shop/patroni.members::shop:n1', value: members }]);
  let asked = 0;
  const clients = {
    host: { hostId: 'host-1', clientAddresses: ['192.0.2.1'] },
    files: { absolute: (path: string) => path },
    docker: {
      serviceContainer: () => Promise.resolve({ id: 'c1', state: 'running', address: '10.0.0.1', labels: {} }),
    },
    dcs: { synchronousStandbys: () => Promise.resolve(asked < 3 ? [] : ['b']) },
    patroni: {
      status: () =>
        Promise.resolve({ state: 'running', role: 'primary', serverVersion: 170_006, pendingRestart: false }),
      wake: () => Promise.resolve(void (asked += 1)),
    },
    postgres: {
      session: (_target: unknown, work: (session: unknown) => unknown) =>
        work({ query: () => Promise.resolve([{ standby: false, read_only: 'off', streaming: false }]) }),
    },
  } as unknown as Clients;
  const errors: unknown[] = [];
  const monitor = new InstanceMonitor(kv, clients, (err) => errors.push(err));
  const statusOf = async () =>
    (await kv.get('instance-status/shop/shop-n1-a'))?.value as { unprotected?: true } | undefined;
  await monitor.start();
  try {
    const begun = Date.now();
    while ((await statusOf()) === undefined || (await statusOf())?.unprotected) await sleep(20);
    expect(Date.now() - begun).toBeLessThan(2500); // three turns of 3.3 s it would be else
    expect(asked).toBe(3);
    expect(errors).toEqual([]);
  } finally {
    await monitor.stop();
  }
});
