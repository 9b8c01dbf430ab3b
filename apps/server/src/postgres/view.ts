import type { EntityState } from '@windlass/resources/entity';
import type { ApiDatabase, ApiInstance, StoredSpec } from '@windlass/resources/postgres/spec';
import { toWireSpec } from '@windlass/resources/postgres/spec';
import {
  instanceStatuses,
  type DatabaseRecord,
  type InstanceStatus,
  type ReplicationStatus,
} from '@windlass/resources/postgres/records';
import type { Kv } from '@windlass/resources/store';
import { wireTime } from '../core/tasks/read-tasks.ts';
import { siftAndTell, type ManyDeps } from '../core/unreadable-records.ts';
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
  const rows = await instanceStatuses.list(kv, [databaseId]);
  return rows.map(({ value }) => value).sort(byNode);
}

/** The instances of all databases. */
export interface AllInstances {
  /** Databases with an instance that can be read. */
  readonly databases: readonly string[];
  /** Those of a database that can be read, by node, then by id. */
  of(databaseId: string): readonly InstanceStatus[];
  /** Whether there is one of which it cannot be read how it is. */
  hasUnreadable(databaseId: string): boolean;
}

/** The instances of all databases in one read. One that cannot be read is left out, and told. */
export async function readAllInstances(deps: ManyDeps): Promise<AllInstances> {
  const { rows, unreadable } = await siftAndTell(deps, instanceStatuses, []);
  const byDatabase = new Map<string, InstanceStatus[]>();
  for (const { id, value } of rows) {
    const ours = byDatabase.get(id[0]);
    if (ours) ours.push(value);
    else byDatabase.set(id[0], [value]);
  }
  for (const ours of byDatabase.values()) ours.sort(byNode);
  const lacking = new Set(unreadable.map(({ id: [databaseId] }) => databaseId));
  return {
    databases: [...byDatabase.keys()],
    of: (id) => byDatabase.get(id) ?? [],
    hasUnreadable: (id) => lacking.has(id),
  };
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
  stored: EntityState,
  instances: readonly ApiInstance[],
  statuses: readonly InstanceStatus[],
): EntityState {
  if (stored !== 'available') return stored;
  if (instances.length === 0 || instances.every((i) => i.state === 'unknown')) return 'unknown';
  const nodes = [...new Set(instances.map((i) => i.node_name))];
  const written = nodes.every((node) => statuses.some((s) => s.nodeName === node && s.writable));
  const whole = instances.every((i) => i.state === 'available') && !statuses.some((s) => s.unprotected || isBehind(s));
  return written && whole && !statuses.some(lacksDatabase) ? 'available' : 'degraded';
}

/** Its node does not follow a peer, or nobody knows whether it does. */
const isBehind = ({ replication }: InstanceStatus): boolean =>
  replication?.peers.some(({ state }) => state !== 'replicating') ?? false;

/** Its Postgres serves, and what it is there for is gone. */
const lacksDatabase = ({ conditions = [] }: InstanceStatus): boolean =>
  conditions.some(({ type }) => type === 'database_missing');

/** Whether what it says is of a moment ago. */
export const isFresh = ({ sampledAt }: Pick<InstanceStatus, 'sampledAt'>, now: Date): boolean =>
  now.getTime() - Date.parse(sampledAt) <= FRESH_MS;

/** Built in one piece, without copies: a list has thousands of them. */
export function toApiInstance(status: InstanceStatus, database: EntityState, now: Date): ApiInstance {
  const fresh = isFresh(status, now);
  const sampledAt = wireTime(status.sampledAt);
  const state = instanceState(status, database, fresh);
  const shown: ApiInstance = {
    id: status.instanceId,
    host_id: status.hostId,
    node_name: status.nodeName,
    created_at: wireTime(status.createdAt),
    updated_at: sampledAt,
    state,
  };
  if (!fresh) return shown;
  shown.status_updated_at = sampledAt;
  if (status.port !== undefined && status.addresses.length > 0)
    shown.connection_info = { addresses: [...status.addresses], port: status.port };
  shown.postgres = postgresOf(status);
  if (status.replication) shown.spock = spockOf(status, status.replication);
  if (status.error !== undefined && state !== 'available') shown.error = status.error;
  return shown;
}

function postgresOf(status: InstanceStatus): NonNullable<ApiInstance['postgres']> {
  const shown: NonNullable<ApiInstance['postgres']> = {};
  if (status.container !== 'running') return shown;
  if (status.postgresVersion !== undefined) shown.version = status.postgresVersion;
  if (status.patroniState !== undefined) shown.patroni_state = status.patroniState;
  if (status.role !== undefined) shown.role = status.role;
  if (status.lagBytes !== undefined) shown.replication_lag_bytes = status.lagBytes;
  if (status.pendingRestart === true) shown.pending_restart = true;
  return shown;
}

/** As clients of the contract read it: what they know as subscriptions are our streams. There is no Spock, and so no version of it. */
const spockOf = ({ nodeName, writable }: InstanceStatus, { peers }: ReplicationStatus): ApiInstance['spock'] => ({
  read_only: writable ? 'off' : 'on',
  subscriptions: peers.map(({ name, state }) => ({
    provider_node: name,
    name: `sub_${name}_${nodeName}`,
    status: state === 'stopped' ? 'down' : state,
  })),
});

function instanceState(status: InstanceStatus, database: EntityState, fresh: boolean): InstanceState {
  if (database === 'deleting') return 'deleting';
  if (!fresh) return 'unknown';
  if (status.writable || status.streaming === true) return 'available';
  if (database === 'creating') return 'creating';
  if (status.container !== 'running') return 'stopped';
  if (status.patroniState !== undefined && PATRONI_MODIFYING.has(status.patroniState)) return 'modifying';
  return 'degraded';
}
