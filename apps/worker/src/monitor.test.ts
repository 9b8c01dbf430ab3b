import { createMemoryKv } from '@windlass/resources/store';
import { InstanceMonitor } from './monitor.ts';
import { clientsThatFind, instanceRecord, PRIMARY } from './testing/instance-fixture.ts';

const members = {
  ref: { kind: 'patroni.members', id: 'shop:n1' },
  spec: { members: ['a', 'b'], synchronousStandbys: 1 },
};

test('a primary that names no synchronous standby is asked again and again, until it does', async () => {
  const kv = createMemoryKv();
  await kv.commit([], [{ put: 'resources/shop/postgres.instance::shop-n1-a', value: instanceRecord }]);
  await kv.commit([], [{ put: 'resources/shop/patroni.members::shop:n1', value: members }]);
  let asked = 0;
  const standbys = () => Promise.resolve(asked < 3 ? [] : ['b']);
  const clients = clientsThatFind({ row: PRIMARY, standbys, onWake: () => (asked += 1) });
  const errors: unknown[] = [];
  const monitor = new InstanceMonitor(kv, clients, (err) => errors.push(err));
  let isProtected = (): void => undefined;
  const whenProtected = new Promise<void>((resolve) => (isProtected = resolve));
  const watch = await kv.watch(
    'instance-status/',
    ({ value }) => (value as { unprotected?: true }).unprotected ?? isProtected(),
    () => undefined,
  );
  const begun = Date.now();
  await monitor.start();
  try {
    await whenProtected;
    expect(Date.now() - begun).toBeLessThan(2500); // three turns of 3.3 s it would be else
    expect(asked).toBe(3);
    expect(errors).toEqual([]);
  } finally {
    await monitor.stop();
    await watch.close();
  }
});
