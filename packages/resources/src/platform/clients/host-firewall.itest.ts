/** The wall of a host in the kernel, on a machine of its own. */
import { openNamespacedMachine, type NamespacedMachine } from '../../testing/namespaced-machine.ts';
import { isolatePorts } from './bridge-ports.ts';
import { buildWall, removeWall } from './host-firewall.ts';
import { wallChanges, type Wall } from './wall-rules.ts';

/** One of ours, a neighbour of another worker, one of others. */
const [OWN, NEIGHBOUR, FOREIGN] = [2, 3, 4] as const;
const MACHINE = '172.17.0.1';
const ETCD = 2379;
const API = 3000;
let machine: NamespacedMachine;
let mac: string;
const at = (n: number, ...keys: string[]) => ({ address: `172.17.0.${String(n)}`, keys });
const wall: Wall = {
  ...{ key: 'aaaaaaaa', device: 'docker0', containers: [at(OWN, 'aaaaaaaa'), at(NEIGHBOUR, 'bbbbbbbb'), at(FOREIGN)] },
  ...{ open: [{ address: MACHINE, port: ETCD }], machines: ['192.0.2.8'], publishOn: ['127.0.0.1', '192.0.2.7'] },
}; // prettier-ignore
const build = (one: Wall): Promise<void> => buildWall(one, machine.run);
const saved = (): Promise<string> => machine.sh('iptables-save -t filter');

beforeAll(async () => {
  machine = await openNamespacedMachine();
  for (const n of [OWN, NEIGHBOUR, FOREIGN]) {
    const made = await machine.addContainer(n);
    if (n === OWN) ({ mac } = made);
  }
  for (const port of [ETCD, API]) await machine.listen(1, port);
});
afterAll(() => machine.close());

test('without a wall a container reaches everything', async () => {
  const places = [[MACHINE, ETCD], [MACHINE, API], ['172.17.0.3', 5432], ['172.17.0.4', 5432]] as const; // prettier-ignore
  for (const [address, port] of places) expect([address, port, await machine.reaches(OWN, address, port)]).toEqual([address, port, true]); // prettier-ignore
});

test('with it, only etcd on this machine; its worker and others reach it as before, and others reach everything', async () => {
  await build(wall);
  expect(await machine.reaches(OWN, MACHINE, ETCD)).toBe(true);
  expect(await machine.reaches(OWN, MACHINE, API)).toBe(false);
  expect(await machine.reaches(1, '172.17.0.2', 5432)).toBe(true);
  expect(await machine.reaches(FOREIGN, MACHINE, API)).toBe(true);
  expect(await machine.reaches(FOREIGN, '172.17.0.2', 5432)).toBe(true);
  expect(await machine.reaches(OWN, '172.17.0.4', 5432)).toBe(true);
});

test('a published port answers others at the addresses for clients only', async () => {
  await machine.addOutside(9, ['192.0.2.7', '192.0.2.70']);
  await machine.sh(
    'iptables -t nat -A PREROUTING ! -i docker0 -p tcp --dport 5432 -j DNAT --to-destination 172.17.0.2:5432',
  );
  const reached = async (): Promise<boolean[]> => [await machine.reaches(9, '192.0.2.7', 5432), await machine.reaches(9, '192.0.2.70', 5432)]; // prettier-ignore
  expect(await reached()).toEqual([true, false]);
  await build({ ...wall, publishOn: undefined });
  expect(await reached()).toEqual([true, true]);
  await build(wall);
});

test('neighbours are kept apart by the bridge where the packet filter does not see what passes on it', async () => {
  await machine.sh('! [ -e /proc/sys/net/bridge ] || sysctl -qw net.bridge.bridge-nf-call-iptables=0');
  expect(await machine.reaches(OWN, '172.17.0.3', 5432)).toBe(true);
  const other = '02:42:ac:11:00:03';
  expect(await isolatePorts('docker0', [mac, other, '02:42:ac:11:00:09'], machine.run)).toEqual(['02:42:ac:11:00:09']);
  expect(await machine.reaches(OWN, '172.17.0.3', 5432)).toBe(false);
  expect(await machine.reaches(OWN, '172.17.0.4', 5432)).toBe(true);
  expect(await machine.reaches(FOREIGN, '172.17.0.3', 5432)).toBe(true);
});

test('iptables says the rules in the same words: a second look changes nothing, and what was taken comes back', async () => {
  expect(wallChanges(wall, await saved())).toBeUndefined();
  await machine.sh(
    'iptables -F DOCKER-USER; iptables -D INPUT -i docker0 -j WINDLASS-IN; iptables -F WINDLASS-aaaaaaaa-IN',
  );
  expect(await machine.reaches(OWN, MACHINE, API)).toBe(true);
  await build(wall);
  expect(await machine.reaches(OWN, MACHINE, API)).toBe(false);
});

test('workers of one machine begin at the same time, and none is in the way of the other', async () => {
  await machine.sh(
    'iptables -F; for chain in $(iptables -S | sed -n "s/^-N \\(WINDLASS-.*\\)/\\1/p"); do iptables -X $chain; done',
  );
  const other: Wall = { ...wall, key: 'bbbbbbbb', open: [{ address: MACHINE, port: API }] };
  await machine.sh('iptables -A FORWARD -j DOCKER-USER');
  await Promise.all([build(wall), build(other)]);
  await Promise.all([build(wall), build(other)]);
  const reached = [OWN, NEIGHBOUR].map((n) => [ETCD, API].map((port) => machine.reaches(n, MACHINE, port)));
  expect(await Promise.all(reached.map((one) => Promise.all(one)))).toEqual([[true, false], [false, true]]); // prettier-ignore
  // What was the neighbour's address is that of a container of others, and its worker is away.
  await build({ ...wall, containers: [at(OWN, 'aaaaaaaa'), at(NEIGHBOUR)] });
  expect(await machine.reaches(NEIGHBOUR, MACHINE, ETCD)).toBe(true);
});

test('what a worker has built is taken away, what another one has built stays', async () => {
  await removeWall('aaaaaaaa', machine.run);
  expect(await saved()).not.toContain('aaaaaaaa');
  await build({ ...wall, key: 'bbbbbbbb' });
  expect(await machine.reaches(NEIGHBOUR, MACHINE, API)).toBe(false);
  for (const key of ['bbbbbbbb', 'cccccccc']) await removeWall(key, machine.run);
  expect(await saved()).not.toContain('WINDLASS');
});
