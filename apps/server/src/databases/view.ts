import type { ApiDatabase, ApiInstance, StoredSpec } from '@windlass/resources/spec';
import { toWireSpec } from '@windlass/resources/spec';
import { keys, type DatabaseRecord, type DatabaseState, type InstanceStatus, type Kv } from '@windlass/resources/store';
import { wireTime } from '../tasks/read-tasks.ts';
import { nodeConnections } from './node-connections.ts';

/** A status older than this proves nothing any more. */
const FRESH_MS = 10_000;

type InstanceState = ApiInstance['state'];

const PATRONI_MODIFYING = new Set([
  'stopping',
  'stopped',
  'starting',
  'restarting',
  'initializing new cluster',
  'running custom bootstrap script',
  'creating replica',
]);

/** The instances of a database, by node, then by id. */
export async function readInstances(kv: Kv, databaseId: string): Promise<InstanceStatus[]> {
  const rows = await kv.list(keys.instanceStatuses(databaseId));
  return rows.map((row) => row.value as InstanceStatus).sort(byNode);
}

/** The instances of all databases, by database id, in one read. */
export async function readAllInstances(kv: Kv): Promise<Map<string, InstanceStatus[]>> {
  const statuses = (await kv.list('instance-status/')).map((row) => row.value as InstanceStatus).sort(byNode);
  const byDatabase = new Map<string, InstanceStatus[]>();
  for (const status of statuses)
    byDatabase.set(status.databaseId, [...(byDatabase.get(status.databaseId) ?? []), status]);
  return byDatabase;
}

const byNode = (a: InstanceStatus, b: InstanceStatus): number =>
  a.nodeName === b.nodeName ? (a.instanceId < b.instanceId ? -1 : 1) : a.nodeName < b.nodeName ? -1 : 1;

/**
 * The database as declared and as it is now: `available` only while every node took a write and every replica received a
 * moment ago, and where replication is synchronous somebody may take over.
 */
export function toApiDatabase(
  record: DatabaseRecord,
  statuses: readonly InstanceStatus[],
  now: Date,
  spec?: { stored: StoredSpec; revision: number },
): ApiDatabase {
  const instances = statuses.map((status) => toApiInstance(status, record.state, now));
  return {
    id: record.id,
    ...(record.tenantId !== undefined && { tenant_id: record.tenantId }),
    created_at: wireTime(record.createdAt),
    updated_at: wireTime(record.updatedAt),
    state: stateOf(record.state, instances, statuses),
    ...(instances.length > 0 && { instances }),
    ...(spec && {
      nodes: nodeConnections(spec.stored, statuses),
      spec: toWireSpec(spec.stored),
      revision: String(spec.revision),
    }),
  };
}

function stateOf(
  stored: DatabaseState,
  instances: readonly ApiInstance[],
  statuses: readonly InstanceStatus[],
): DatabaseState {
  if (stored !== 'available') return stored;
  if (instances.length === 0 || instances.every((i) => i.state === 'unknown')) return 'unknown';
  const nodes = [...new Set(instances.map((i) => i.node_name))];
  const written = nodes.every((node) => statuses.some((s) => s.nodeName === node && s.writable));
  const whole = instances.every((i) => i.state === 'available') && !statuses.some((s) => s.unprotected);
  return written && whole && !statuses.some(lacksDatabase) ? 'available' : 'degraded';
}

/** Its Postgres serves, and what it is there for is gone. */
const lacksDatabase = ({ conditions = [] }: InstanceStatus): boolean =>
  conditions.some(({ type }) => type === 'database_missing');

export function toApiInstance(status: InstanceStatus, database: DatabaseState, now: Date): ApiInstance {
  const fresh = now.getTime() - Date.parse(status.sampledAt) <= FRESH_MS;
  const base = {
    id: status.instanceId,
    host_id: status.hostId,
    node_name: status.nodeName,
    created_at: wireTime(status.createdAt),
    updated_at: wireTime(status.sampledAt),
  };
  const state = instanceState(status, database, fresh);
  if (!fresh) return { ...base, state };
  return {
    ...base,
    status_updated_at: wireTime(status.sampledAt),
    state,
    ...(status.port !== undefined &&
      status.addresses.length > 0 && { connection_info: { addresses: [...status.addresses], port: status.port } }),
    postgres: postgresOf(status),
    ...(status.error !== undefined && state !== 'available' && { error: status.error }),
  };
}

function postgresOf(status: InstanceStatus): NonNullable<ApiInstance['postgres']> {
  if (status.container !== 'running') return {};
  return {
    ...(status.postgresVersion !== undefined && { version: status.postgresVersion }),
    ...(status.patroniState !== undefined && { patroni_state: status.patroniState }),
    ...(status.role !== undefined && { role: status.role }),
    ...(status.pendingRestart === true && { pending_restart: true }),
  };
}

function instanceState(status: InstanceStatus, database: DatabaseState, fresh: boolean): InstanceState {
  if (database === 'deleting') return 'deleting';
  if (!fresh) return 'unknown';
  if (status.writable || status.streaming === true) return 'available';
  if (database === 'creating') return 'creating';
  if (status.container !== 'running') return 'stopped';
  if (status.patroniState !== undefined && PATRONI_MODIFYING.has(status.patroniState)) return 'modifying';
  return 'degraded';
}
