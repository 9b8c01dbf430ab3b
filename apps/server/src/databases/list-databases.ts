import type { ApiDatabaseSummary, StoredSpec } from '@windlass/resources/spec';
import type { DatabaseRecord, Kv } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { readHosts, upgradesOf } from './available-upgrades.ts';
import { readAllInstances, toApiDatabase } from './view.ts';

/** All databases by id, in few reads whatever their number. */
export async function listDatabases(
  { kv, now }: ServerDeps,
  { withUpgrades }: { readonly withUpgrades: boolean },
): Promise<ApiDatabaseSummary[]> {
  const [records, statuses] = await Promise.all([kv.list('databases/'), readAllInstances(kv)]);
  const upgrades = withUpgrades ? await allUpgrades(kv) : undefined;
  return records.map((row) => {
    const record = row.value as DatabaseRecord;
    return { ...toApiDatabase(record, statuses.get(record.id) ?? [], now()), ...upgrades?.get(record.id) };
  });
}

/** Of every database by its id. */
async function allUpgrades(kv: Kv): Promise<Map<string, ReturnType<typeof upgradesOf>>> {
  const [specs, hosts] = await Promise.all([kv.list('specs/'), readHosts(kv)]);
  return new Map(
    specs.map(({ key, value }) => [key.slice('specs/'.length), upgradesOf(value as StoredSpec, hosts)] as const),
  );
}
