import { createMemoryKv } from '@windlass/resources/store';
import { instanceStatuses } from '@windlass/resources/postgres/records';
import type { StoredSpec } from '@windlass/resources/postgres/spec';
import { hostsOf } from './hosts-of.ts';

const AT = '2026-01-01T00:00:00Z';
const SEEN = { createdAt: AT, sampledAt: AT, container: 'running', writable: true, addresses: [] };
const stored = {
  spec: { nodes: [{ host_ids: ['h2', 'h1'] }, { host_ids: ['h2'] }] },
} as unknown as StoredSpec;

test('the hosts of the spec and those that still carry an instance, each once', async () => {
  const kv = createMemoryKv();
  const status = (database: string, hostId: string) => ({
    put: instanceStatuses.key(database, hostId),
    value: { instanceId: hostId, databaseId: database, nodeName: 'n1', hostId, ...SEEN },
  });
  await kv.commit([], [status('shop', 'h1'), status('shop', 'h0'), status('shop-2', 'h9')]);
  expect(await hostsOf(kv, 'shop', stored)).toEqual(['h0', 'h1', 'h2']);
  expect(await hostsOf(kv, 'shop', undefined)).toEqual(['h0', 'h1']);
});
