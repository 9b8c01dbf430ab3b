import type { StoredSpec } from '@windlass/resources/spec';
import {
  keys,
  type DatabaseRecord,
  type InstanceStatus,
  type Kv,
  type ResourceRecord,
} from '@windlass/resources/store';

export interface DatabaseOnHost {
  readonly record: DatabaseRecord;
  readonly recordRevision: number;
  readonly stored: StoredSpec;
  readonly specRevision: number;
  /** Whether an instance is, or is to be, there; else only leftovers of one are. */
  readonly hasInstance: boolean;
  /** Ids of the instances that are there. */
  readonly instanceIds: readonly string[];
}

/** Every database that is declared on the host or has something there, by id. */
export async function databasesOn(kv: Kv, hostId: string): Promise<DatabaseOnHost[]> {
  const [records, specs, resources, statuses] = await Promise.all(
    ['databases/', 'specs/', 'resources/', 'instance-status/'].map((prefix) => kv.list(prefix)),
  );
  const instances = instancesOn(hostId, resources ?? [], statuses ?? []);
  const carriers = new Set((resources ?? []).filter((row) => isOn(hostId, row.value)).map((row) => idOf(row.key)));
  const specOf = new Map((specs ?? []).map((row) => [idOf(row.key), row]));
  return (records ?? []).flatMap(({ value, revision }) => {
    const record = value as DatabaseRecord;
    const spec = specOf.get(record.id);
    if (!spec) return [];
    const stored = spec.value as StoredSpec;
    const declared = namesHost(stored, hostId);
    const instanceIds = instances.get(record.id) ?? [];
    const concerned = declared || carriers.has(record.id) || (record.waitingFor ?? []).includes(hostId);
    if (!concerned && instanceIds.length === 0) return [];
    const hasInstance = declared || instanceIds.length > 0;
    return [{ record, recordRevision: revision, stored, specRevision: spec.revision, hasInstance, instanceIds }];
  });
}

const idOf = (key: string): string => key.split('/')[1] ?? '';

const namesHost = ({ spec }: StoredSpec, hostId: string): boolean =>
  [...spec.nodes, ...(spec.services ?? [])].some(({ host_ids }) => host_ids.includes(hostId));

function isOn(hostId: string, value: unknown): boolean {
  const { executor } = value as ResourceRecord;
  return executor.on === 'host' && executor.hostId === hostId;
}

type Rows = Awaited<ReturnType<Kv['list']>>;

function instancesOn(hostId: string, resources: Rows, statuses: Rows): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  const note = (database: string, instance: string): void =>
    void found.set(database, (found.get(database) ?? new Set()).add(instance));
  for (const { key, value } of resources)
    if (key.includes('/postgres.instance::') && isOn(hostId, value)) note(idOf(key), (value as ResourceRecord).ref.id);
  for (const { key, value } of statuses) {
    const status = value as InstanceStatus;
    if (status.hostId === hostId && key === keys.instanceStatus(status.databaseId, status.instanceId))
      note(status.databaseId, status.instanceId);
  }
  return new Map([...found].map(([database, ids]) => [database, [...ids].sort()]));
}
