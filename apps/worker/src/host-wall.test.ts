import { possibleKeys, wallKey, type Wall } from '@windlass/resources/platform/clients';
import type { BridgedContainer } from '@windlass/resources/postgres/clients';
import { HostWall, type HostWallDeps } from './host-wall.ts';

const container = (n: number, mounts: readonly string[], managed = true): BridgedContainer => ({
  id: String(n),
  address: `172.17.0.${String(n)}`,
  mac: `02:42:ac:11:00:0${String(n)}`,
  labels: managed ? { 'windlass.managed': 'true' } : {},
  mounts,
});
const OWN = container(2, ['/elsewhere', '/data/instances/a/data']);
const OTHERS = container(3, ['/data-of-another-worker/instances/b/data']);
const FOREIGN = container(4, ['/data/instances/a/data'], false);
const places = { open: [{ address: '172.17.0.1', port: 2379 }], machines: ['192.0.2.8'], publishOn: undefined };

function open(
  more: { fails?: () => Error | undefined; isolate?: () => Promise<readonly string[]>; sees?: boolean } = {},
) {
  const built: Wall[] = [];
  const said: string[] = [];
  const removed: string[] = [];
  const isolated: (readonly string[])[] = [];
  let containers = [OWN, OTHERS, FOREIGN];
  let [ipv6, away] = [false, false];
  let comes: () => void = () => undefined;
  const deps: HostWallDeps = {
    docker: {
      bridge: () =>
        away ? Promise.reject(new Error('no engine')) : Promise.resolve({ device: 'docker0', ipv6, containers }),
      onBridged: (listener) => {
        comes = listener;
        return () => (comes = () => undefined);
      },
    },
    dataDir: '/data',
    places: () => Promise.resolve(places),
    log: { info: (_facts, sentence) => void said.push(sentence), warn: (_facts, sentence) => void said.push(sentence) },
    machine: {
      buildWall: (wall) => {
        const err = more.fails?.();
        if (err) return Promise.reject(err);
        return Promise.resolve(void built.push(wall));
      },
      removeWall: (key) => Promise.resolve(void removed.push(key)),
      isolatePorts: (_device, macs) => {
        isolated.push(macs);
        return more.isolate?.() ?? Promise.resolve([]);
      },
      seesBridged: () => Promise.resolve(more.sees ?? false),
    },
  };
  const wall = new HostWall(deps);
  return {
    wall, built, said, removed, isolated, comes: () => comes(),
    goes: () => void (away = true), returns: () => void (away = false),
    now: (all: BridgedContainer[], withIpv6 = false) => void ([containers, ipv6] = [all, withIpv6]),
  }; // prettier-ignore
}

const walls: HostWall[] = [];
const started = (opened: ReturnType<typeof open>) => {
  walls.push(opened.wall);
  opened.wall.start();
  return opened;
};
beforeEach(() => jest.useFakeTimers({ doNotFake: ['performance'] }));
afterEach(() => {
  walls.splice(0).forEach((wall) => wall.stop());
  jest.useRealTimers();
});

test('its containers are those of Windlass that mount something of its data; the others are known, and left alone', async () => {
  const { wall, built, isolated, said } = started(open());
  expect(await wall.component()).toEqual({ healthy: true, error: '', details: { containers: 1 } });
  expect(built).toEqual([
    {
      ...{ key: wallKey('/data'), device: 'docker0', ...places },
      containers: [
        { address: '172.17.0.2', keys: possibleKeys(OWN.mounts) },
        { address: '172.17.0.3', keys: possibleKeys(OTHERS.mounts) },
        { address: '172.17.0.4', keys: [] },
      ],
    },
  ]);
  expect(isolated).toEqual([[OWN.mac]]);
  expect(said).toEqual(['containers of databases reach etcd, and nothing else of the cluster']);
});

test('a container that comes is looked at at once, many that come together once, and all again after half a minute', async () => {
  const { wall, built, isolated, removed, comes, now } = started(open());
  await wall.settled();
  now([OWN, container(5, ['/data/x'])]);
  for (let n = 0; n < 5; n += 1) comes();
  await wall.settled();
  const own = built.map(({ containers, key }) =>
    containers.filter(({ keys }) => keys.includes(key)).map((c) => c.address),
  );
  expect(own).toEqual([['172.17.0.2'], ['172.17.0.2', '172.17.0.5']]);
  comes();
  await wall.settled();
  expect([built.splice(2), isolated.length]).toEqual([[expect.anything()], 2]);
  await jest.advanceTimersByTimeAsync(29_000);
  expect(built).toHaveLength(2);
  await jest.advanceTimersByTimeAsync(1000);
  expect(built).toHaveLength(3);
  wall.stop();
  comes();
  await jest.advanceTimersByTimeAsync(60_000);
  expect([built.length, removed]).toEqual([3, []]);
  await wall.remove();
  expect(removed).toEqual([wallKey('/data')]);
});

test('where the packet filter cannot be set, health and log say why, once; it is tried again', async () => {
  let denied: Error | undefined = new Error('the packet filter cannot be set: Permission denied');
  const { wall, said } = started(open({ fails: () => denied }));
  expect(await wall.component()).toEqual({ healthy: false, error: denied.message });
  await jest.advanceTimersByTimeAsync(60_000);
  expect(said).toEqual(['containers of databases may reach more of the cluster than etcd']);
  denied = undefined;
  await jest.advanceTimersByTimeAsync(30_000);
  expect(await wall.component()).toMatchObject({ healthy: true });
  expect(said).toHaveLength(2);
});

test('an engine that is away takes nothing from what stands, and is looked at as soon as it is back', async () => {
  const { wall, built, goes, returns } = started(open());
  await wall.settled();
  goes();
  await jest.advanceTimersByTimeAsync(30_000);
  expect(await wall.component()).toMatchObject({ healthy: true });
  returns();
  await jest.advanceTimersByTimeAsync(2000);
  expect(built).toHaveLength(2);
  const never = open();
  never.goes();
  expect(await started(never).wall.component()).toMatchObject({ healthy: false, error: expect.stringContaining('Docker') as string }); // prettier-ignore
});

test('where the bridge cannot keep ports apart the filter has to see what passes on it', async () => {
  const isolate = (): Promise<never> => Promise.reject(new Error('containers reach one another on docker0: no bridge'));
  const without = started(open({ isolate }));
  expect(await without.wall.component()).toMatchObject({ healthy: false, error: expect.stringContaining('no bridge') as string }); // prettier-ignore
  const filtered = started(open({ isolate, sees: true }));
  expect(await filtered.wall.component()).toMatchObject({ healthy: true });
});

test('a container that has not sent anything yet is looked for again soon, where the filter does not see it', async () => {
  const unknown = started(open({ isolate: () => Promise.resolve([OWN.mac]) }));
  await unknown.wall.settled();
  await jest.advanceTimersByTimeAsync(2000);
  expect(unknown.built).toHaveLength(2);
});

test('addresses of IPv6 on the bridge are not filtered, and said', async () => {
  const opened = open();
  opened.now([OWN], true);
  expect(await started(opened).wall.component()).toMatchObject({
    healthy: false,
    error: 'containers have addresses of IPv6 on docker0, which are not filtered',
  });
});
