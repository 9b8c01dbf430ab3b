import { MockActivityEnvironment } from '@temporalio/testing';
import { ResourceState, partOf, planRecords } from '@windlass/resources/engine';
import { entityFence, databaseEntity } from '@windlass/resources/entity';
import type { StoredSpec } from '@windlass/resources/postgres/spec';
import { createMemoryKv } from '@windlass/resources/store';
import { createFakeDcs, kindOf, simulatedKinds } from '@windlass/resources/testing';
import { applyStep } from '../core/apply-step.ts';
import type { ActivityDeps } from '../core/deps.ts';
import { planChange } from '../core/plan-change.ts';
import { workOf } from '../works.ts';
import { databaseRecords, databaseSpecs, type DatabaseRecord } from '@windlass/resources/postgres/records';
import type { StoredPlan } from '@windlass/resources/records';
import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';

const id = 'a-name-of-as-many-characters-as-may-be';
const task = { entity: { kind: 'database', id }, taskId: 't1' };
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const hosts = numbers(27).map((i): HostRecord => ({
  id: `host-${String(i)}`, dataDir: '/data', swarmNodeId: `node-${String(i)}`, controlAvailable: true, peerAddresses: [], clientAddresses: ['192.0.2.7'],
  cpus: 8, memoryBytes: 2 ** 36, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], replicatorImages: [{ id: 'sha256:2', hash: '0' }], components: {}, seenAt: new Date().toISOString(),
})); // prettier-ignore
const users = numbers(16).map((i) => `user-${String(i)}`);

/** Nine nodes of three instances, sixteen users, a thousand lines of pg_hba.conf. */
const stored: StoredSpec = {
  spec: {
    database_name: 'shop',
    postgres_version: '17.6',
    port: 0,
    nodes: numbers(9).map((n) => ({
      name: `n${String(n)}`,
      host_ids: hosts.slice(3 * n - 3, 3 * n).map((host) => host.id),
    })),
    database_users: users.map((username, i) => ({ username, db_owner: i === 0, roles: ['pg_monitor', 'pg_read_all_data'] })),
    pg_hba_conf: numbers(1000).map((i) => `hostssl all all 10.0.${String(i % 256)}.0/24 scram-sha-256 # office ${String(i)}`),
  },
  passwordVersions: Object.fromEntries(users.map((name) => [name, '0123456789abcdef'])),
  nodeNumbers: { current: Object.fromEntries(numbers(9).map((n) => [`n${String(n)}`, n])), given: numbers(9) },
}; // prettier-ignore

test('the largest spec there may be is planned, stored in parts, and applied', async () => {
  const kv = createMemoryKv();
  const owned = { id: id, createdAt: '', updatedAt: '', state: 'creating', openTaskId: 't1' } as const;
  await kv.commit(
    [],
    [
      { put: databaseRecords.key(id), value: owned satisfies DatabaseRecord },
      ...hosts.map((host) => ({ put: hostRecords.key(host.id), value: host })),
    ],
  );
  const revision = Number(await kv.commit([], [{ put: databaseSpecs.key(id), value: stored }]));
  const deps = {
    kv,
    state: new ResourceState(kv, entityFence),
    clients: { dcs: createFakeDcs(), host: { hostId: 'host-1' } },
    kind: (name: string) => kindOf(simulatedKinds, name),
    work: workOf,
  } as unknown as ActivityDeps;
  const { steps } = await planChange(deps)({ ...task, revision, findings: [], unreachable: [] });
  const plan = (await kv.get(planRecords.key(partOf(databaseEntity(id)), 't1')))?.value as StoredPlan;
  expect(plan.steps).toHaveLength(steps.length);
  expect(await kv.list(`${planRecords.key(partOf(databaseEntity(id)), 't1')}/`)).toHaveLength(steps.length);
  for (const { queue: _queue, slow: _slow, ...step } of steps)
    await new MockActivityEnvironment().run(applyStep(deps), { ...task, step });
  const phases = (await deps.state.list(task.entity)).map((record) => record.phase);
  expect(phases).toEqual(steps.map(() => 'ready'));
});
