import { databaseSpecs, type DatabaseRecord } from '@windlass/resources/postgres/records';
import type { ApiDatabase, ApiDatabaseSummary } from '@windlass/resources/postgres/spec';
import { z } from 'zod';
import { listHostRecords } from '../cluster/hosts.ts';
import type { ServerDeps } from '../core/deps.ts';
import type { Reach } from '../core/door/reach.ts';
import { listEntities } from '../entities/entity-store.ts';
import { wireTime } from '../core/tasks/read-tasks.ts';
import { listReadable } from '../core/unreadable-records.ts';
import { upgradesOf } from './available-upgrades.ts';
import { databaseStore } from './database-store.ts';
import { readAllInstances, toApiDatabase, type AllInstances } from './view.ts';

type Deps = Pick<ServerDeps, 'kv' | 'unreadable' | 'now'>;
type Upgrades = Pick<ApiDatabase, 'available_upgrades'>;

/**
 * All databases that are reached, by id. One whose record cannot be read is there, too, in state `unknown`: who looks after databases by this list
 * must not take it for deleted. So is one of which an instance cannot be read: it may be anything.
 */
export async function showDatabases(
  deps: Deps,
  { upgrades: wanted, reach }: { readonly upgrades: boolean; readonly reach: Reach },
): Promise<ApiDatabaseSummary[]> {
  const [{ rows, unreadable }, instances, upgrades] = await Promise.all([
    listEntities(deps, databaseStore, reach),
    readAllInstances(deps),
    wanted ? readUpgrades(deps) : NO_UPGRADES,
  ]);
  const now = deps.now();
  const shown = rows.map(({ id: [id], value }) => withUpgrades(showOne(value, instances, now), upgrades.get(id)));
  if (unreadable.length === 0) return shown;
  const others = unreadable.map(({ id, value }) => ({ ...showUnreadable(id, value), ...upgrades.get(id) }));
  return [...shown, ...others].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const NO_UPGRADES: ReadonlyMap<string, Upgrades> = new Map();

const withUpgrades = (shown: ApiDatabaseSummary, upgrades: Upgrades | undefined): ApiDatabaseSummary =>
  upgrades ? { ...shown, ...upgrades } : shown;

function showOne(record: DatabaseRecord, instances: AllInstances, now: Date): ApiDatabaseSummary {
  const shown = toApiDatabase(record, instances.of(record.id), now);
  return record.state === 'available' && instances.hasUnreadable(record.id) ? { ...shown, state: 'unknown' } : shown;
}

/** Of what is no record, as much as can be told. */
const remains = z.looseObject({
  tenantId: z.string().optional().catch(undefined),
  createdAt: z.iso.datetime().catch(new Date(0).toISOString()),
  updatedAt: z.iso.datetime().catch(new Date(0).toISOString()),
});

function showUnreadable(id: string, value: unknown): ApiDatabaseSummary {
  const { tenantId, createdAt, updatedAt } = remains.catch(() => remains.parse({})).parse(value);
  return {
    id,
    ...(tenantId !== undefined && { tenant_id: tenantId }),
    created_at: wireTime(createdAt),
    updated_at: wireTime(updatedAt),
    state: 'unknown',
  };
}

/** What `include=available_upgrades` adds to each database; specs are large, so they are read only for this. */
async function readUpgrades(deps: Deps): Promise<ReadonlyMap<string, Upgrades>> {
  const [specs, hosts] = await Promise.all([listReadable(deps, databaseSpecs, []), listHostRecords(deps)]);
  return new Map(specs.map(({ id: [id], value }) => [id, upgradesOf(value, hosts)]));
}
