import { createMemoryKv } from '../../store/index.ts';
import { aResource } from '../../testing/index.ts';
import { InstanceMonitor } from './monitor.ts';
import { clientsThatFind, instanceRecord, loseSession, PRIMARY } from '../../testing/instance-fixture.ts';

const members = aResource('patroni.members', 'shop:n1', { spec: { members: ['a', 'b'], synchronousStandbys: 1 } });

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Lets time pass until it has happened; how much passed, in milliseconds. */
async function passesUntil(happened: Promise<void>): Promise<number> {
  const begun = Date.now();
  let isOver = false;
  void happened.then(() => (isOver = true));
  while (!isOver) await jest.advanceTimersByTimeAsync(10);
  return Date.now() - begun;
}

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
  await monitor.start();
  try {
    expect(await passesUntil(whenProtected)).toBeLessThan(2500); // three turns of 3.3 s it would be else
    expect(asked).toBe(3);
    expect(errors).toEqual([]);
  } finally {
    await monitor.stop();
    await watch.close();
  }
});

test('an instance whose session ends by itself is looked at at once', async () => {
  const kv = createMemoryKv();
  await kv.commit([], [{ put: 'resources/shop/postgres.instance::shop-n1-a', value: instanceRecord }]);
  const row = { ...PRIMARY };
  const clients = clientsThatFind({ row, standbys: () => Promise.resolve([]), onWake: () => undefined });
  const errors: unknown[] = [];
  const monitor = new InstanceMonitor(kv, clients, (err) => errors.push(err));
  const told: boolean[] = [];
  let isTold = (): void => undefined;
  const status = (count: number) =>
    new Promise<void>((resolve) => (isTold = () => (told.length >= count ? resolve() : undefined)));
  const watch = await kv.watch(
    'instance-status/',
    ({ value }) => {
      told.push((value as { writable: boolean }).writable);
      isTold();
    },
    () => undefined,
  );
  await monitor.start();
  try {
    await passesUntil(status(1));
    row.read_only = 'on';
    loseSession();
    expect(await passesUntil(status(2))).toBeLessThan(1000); // its turn would have come after 3.3 s
    expect(told).toEqual([true, false]);
    expect(errors).toEqual([]);
  } finally {
    await monitor.stop();
    await watch.close();
  }
});
