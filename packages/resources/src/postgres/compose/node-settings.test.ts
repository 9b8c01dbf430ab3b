import { controlName, effectiveNode } from '../spec/index.ts';
import type { Instance } from './instances.ts';
import { nodeSettings } from './node-settings.ts';

const spec = { database_name: 'shop', nodes: [{ name: 'n1', host_ids: ['host-1', 'host-2'] }] };
const member = (version: string): Instance =>
  ({
    scope: 'shop:n1',
    node: { ...effectiveNode(spec, 'n1'), postgresVersion: version },
    host: { memoryBytes: 2 ** 33 },
  }) as unknown as Instance;
const slots = (version: string, count: number, replicatesAs?: string): string | undefined =>
  nodeSettings(Array.from({ length: count }, () => member(version)), replicatesAs).parameters['sync_replication_slots']; // prettier-ignore

test.each(['17.12', '18.6'])('slots are copied to replicas of one of several nodes, on Postgres %s', (version) => {
  expect(slots(version, 2, 'shop')).toBe('on');
});

test('nothing is said of it to the one node of a database, without replicas, and before Postgres 17', () => {
  expect([slots('17.12', 2), slots('17.12', 1, 'shop'), slots('15.20', 2, 'shop')]).toEqual(Array(3).fill(undefined));
});

test('a certificate is let in by the name of the database; by the former one as long as a host of the node shows no other', () => {
  const hosts = (...ownNames: (true | undefined)[]) =>
    ownNames.map((one) => ({ ...member('17.12'), host: { memoryBytes: 2 ** 33, ownNames: one } }) as Instance);
  const lines = (members: readonly Instance[], map: string) =>
    nodeSettings(members).pgIdent.filter((line) => line.startsWith(`${map} `));
  const name = controlName('shop');
  expect(lines(hosts(true, true), 'windlass_control')).toEqual([`windlass_control ${name} windlass`]);
  expect(lines(hosts(true, true), 'windlass_look')).toEqual([`windlass_look ${name} windlass_look`]);
  const former = ['windlass_control windlass windlass', 'windlass_look windlass windlass_look'];
  expect(nodeSettings(hosts(true, undefined)).pgIdent).toEqual(expect.arrayContaining(former));
  expect(nodeSettings(hosts(true)).pgHba).toContain('hostssl all windlass all cert map=windlass_control');
});
