import { effectiveNode } from '../spec/index.ts';
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
