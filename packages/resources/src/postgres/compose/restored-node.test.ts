import { refKey } from '../../engine/resource.ts';
import { compose } from './index.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';

const hostWith = (holds: boolean): HostRecord => ({
  id: 'host-1', dataDir: '/data', swarmNodeId: 'node', controlAvailable: true, peerAddresses: [], clientAddresses: [], cpus: 2,
  memoryBytes: 8 * 2 ** 30, images: [{ postgresVersion: '17.6', id: 'sha256:1', ...(holds && { holds }) }], components: {}, seenAt: '',
}); // prettier-ignore

const stored = {
  spec: { database_name: 'shop', postgres_version: '17.6', nodes: [{ name: 'n1', host_ids: ['host-1'] }] },
  passwordVersions: {},
  restoreOrigins: {
    n1: {
      repository: { options: {} },
      source: { databaseId: 'other', nodeName: 'n1', databaseName: 'shop' },
      target: { type: 'default' as const },
      passed: {},
    },
  },
} as unknown as Parameters<typeof compose>[0];

test('of a node made from a backup the container starts at once where it can wait, else when the data is there', () => {
  for (const [holds, waiting] of [
    [true, 'postgres.instance'],
    [false, 'swarm.service'],
  ] as const) {
    // prettier-ignore
    const wanted = compose(stored, { databaseId: 'hello', hosts: [hostWith(holds)] });
    const after = wanted.filter((d) => d.dependsOn.some(({ ref }) => refKey(ref) === 'postgres.restored::hello:n1'));
    expect(after.map((d) => d.ref.kind)).toEqual([waiting]);
    const service = wanted.find((d) => d.ref.kind === 'swarm.service')?.spec as Record<string, unknown>;
    expect(service['awaitsData']).toBe(holds ? true : undefined);
  }
});
