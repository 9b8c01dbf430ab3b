import { entityOfPart, partOf, type EntityRef } from '@windlass/resources/plan';
import {
  databaseRecords,
  databaseSpecs,
  instanceStatuses,
  type DatabaseRecord,
} from '@windlass/resources/postgres/records';
import { resourceRecords, type ResourceRecord } from '@windlass/resources/records';
import type { StoredSpec } from '@windlass/resources/postgres/spec';
import type { Kv } from '@windlass/resources/store';

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
  const [records, specs, resources, statuses] = await Promise.all([
    databaseRecords.list(kv, []),
    databaseSpecs.list(kv, []),
    resourcesOn(kv, hostId),
    instanceStatuses.list(kv, []),
  ]);
  const instances = instancesOn(hostId, resources, statuses);
  const carriers = new Set(resources.map(({ databaseId }) => databaseId));
  const specOf = new Map(specs.map((row) => [row.id[0], row]));
  return records.flatMap(({ value: record, revision }) => {
    const spec = specOf.get(record.id);
    if (!spec) return [];
    const stored = spec.value;
    const declared = namesHost(stored, hostId);
    const instanceIds = instances.get(record.id) ?? [];
    const concerned = declared || carriers.has(record.id) || (record.waitingFor ?? []).includes(hostId);
    if (!concerned && instanceIds.length === 0) return [];
    const hasInstance = declared || instanceIds.length > 0;
    return [{ record, recordRevision: revision, stored, specRevision: spec.revision, hasInstance, instanceIds }];
  });
}

/** Whether a database is declared on the host, has something there, or is waited for by it. */
export async function isOnHost(kv: Kv, entity: EntityRef, hostId: string): Promise<boolean> {
  const [record, spec, resources, statuses] = await Promise.all([
    databaseRecords.get(kv, entity.id),
    databaseSpecs.get(kv, entity.id),
    resourceRecords.list(kv, [partOf(entity)]),
    instanceStatuses.list(kv, [entity.id]),
  ]);
  return (
    (spec !== undefined && namesHost(spec.value, hostId)) ||
    (record?.value.waitingFor ?? []).includes(hostId) ||
    resources.some(({ value: { executor } }) => executor.on === 'host' && executor.hostId === hostId) ||
    statuses.some(({ value }) => value.hostId === hostId)
  );
}

const namesHost = ({ spec }: StoredSpec, hostId: string): boolean =>
  [...spec.nodes, ...(spec.services ?? [])].some(({ host_ids }) => host_ids.includes(hostId));

interface Placed {
  readonly databaseId: string;
  readonly resource: ResourceRecord;
}

/** What databases have on the host. */
async function resourcesOn(kv: Kv, hostId: string): Promise<Placed[]> {
  const all = await resourceRecords.list(kv, []);
  return all.flatMap(({ id: [part], value: resource }) => {
    const { kind, id: databaseId } = entityOfPart(part);
    const { executor } = resource;
    const isHere = kind === 'database' && executor.on === 'host' && executor.hostId === hostId;
    return isHere ? [{ databaseId, resource }] : [];
  });
}

type Statuses = Awaited<ReturnType<typeof instanceStatuses.list>>;

function instancesOn(hostId: string, resources: readonly Placed[], statuses: Statuses): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  const note = (database: string, instance: string): void =>
    void found.set(database, (found.get(database) ?? new Set()).add(instance));
  for (const { databaseId, resource } of resources)
    if (resource.ref.kind === 'postgres.instance') note(databaseId, resource.ref.id);
  for (const { id, value } of statuses) if (value.hostId === hostId) note(...id);
  return new Map([...found].map(([database, ids]) => [database, [...ids].sort()]));
}
