import { hostRecords } from '@windlass/resources/platform/records';
import type { ServerDeps } from '../core/deps.ts';
import { hostNow, openFixture, shopSpec, type Fixture } from './fixture.ts';
import {
  databaseRecords,
  databaseSpecs,
  instanceStatuses,
  type DatabaseRecord,
  type InstanceStatus,
} from '@windlass/resources/postgres/records';
import { taskLogEntries, taskRecords, type TaskRecord } from '@windlass/resources/tasks';

export const TASK = '0199a7c4-5b1e-7c31-9f0a-2d6b8a4e1f10';
export const PRIMARY = 'shop-n1-689qacsi';
export const REPLICA = 'shop-n1-9ptayhma';
const THEN = '2026-01-01T00:00:00.000Z';

/** An initialised cluster with three hosts, the database `shop` on two of them, and a finished task of each scope. */
export async function openWorld(caPem: string, more: Partial<ServerDeps> = {}): Promise<Fixture> {
  const f = await openFixture(caPem, () => new Date(), more);
  const spec = { ...shopSpec, nodes: [{ name: 'n1', host_ids: ['host-1', 'host-2'] }] };
  await f.kv.commit(
    [],
    [
      { put: hostRecords.key('host-2'), value: hostNow({ id: 'host-2' }) },
      { put: hostRecords.key('host-3'), value: hostNow({ id: 'host-3' }) },
      { put: databaseSpecs.key('shop'), value: { spec: { ...spec, postgres_version: '17.6' }, passwordVersions: {} } },
      { put: databaseRecords.key('shop'), value: { id: 'shop', createdAt: THEN, updatedAt: THEN, state: 'available' } },
      instanceNow(PRIMARY, 'host-1', { role: 'primary', writable: true }),
      instanceNow(REPLICA, 'host-2', { role: 'replica', streaming: true }),
      ...finished('database', 'shop', 'update'),
      ...finished('host', 'host-1', 'remove_host'),
    ],
  );
  return f;
}

/** An instance of `shop` that was looked at just now. */
export function instanceNow(instanceId: string, hostId: string, more: Partial<InstanceStatus>) {
  const now = new Date().toISOString();
  const value: InstanceStatus = {
    instanceId,
    databaseId: 'shop',
    nodeName: 'n1',
    hostId,
    createdAt: now,
    sampledAt: now,
    addresses: ['192.0.2.1'],
    port: 5433,
    container: 'running',
    writable: false,
    patroniState: 'running',
    postgresVersion: '17.6',
    ...more,
  };
  return { put: instanceStatuses.key('shop', instanceId), value };
}

function finished(scope: TaskRecord['scope'], entityId: string, type: TaskRecord['type']) {
  const value: TaskRecord = {
    taskId: TASK,
    scope,
    entityId,
    type,
    status: 'completed',
    createdAt: THEN,
    completedAt: THEN,
    workflowId: `${scope}/${entityId}`,
  };
  const entry = { entryId: '0199a7c4-5b1e-7c31-9f0a-2d6b8a4e1f11', timestamp: THEN, message: 'done', fields: {} };
  return [
    { put: taskRecords.key(scope, entityId, TASK), value },
    { put: taskLogEntries.under(scope, entityId, TASK) + entry.entryId, value: entry },
  ];
}

export async function changeShop(f: Fixture, change: Partial<DatabaseRecord>): Promise<void> {
  const record = (await f.kv.get(databaseRecords.key('shop')))?.value as DatabaseRecord;
  await f.kv.commit([], [{ put: databaseRecords.key('shop'), value: { ...record, ...change } }]);
}

export async function changeInstance(f: Fixture, id: string, change: Partial<InstanceStatus>): Promise<void> {
  const found = (await f.kv.get(instanceStatuses.key('shop', id)))?.value as InstanceStatus;
  await f.kv.commit([], [{ put: instanceStatuses.key('shop', id), value: { ...found, ...change } }]);
}
