import { ListDatabasesResponse, type StoredSpec } from '@windlass/resources/spec';
import type { DatabaseRecord, Kv } from '@windlass/resources/store';
import { asksForUpgrades, readHosts, upgradesOf } from '../../databases/available-upgrades.ts';
import { readAllInstances, toApiDatabase } from '../../databases/view.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/databases */
export const listDatabases = defineRoute({
  operationId: 'list-databases',
  method: 'GET',
  url: '/v1/databases',
  tag: 'databases',
  needs: 'control',
  summary: 'All databases',
  query: { include: '`available_upgrades` adds the newer images of the same major version' },
  response: ListDatabasesResponse,
  handle: async ({ deps, query }) => {
    const [records, statuses] = await Promise.all([deps.kv.list('databases/'), readAllInstances(deps.kv)]);
    const upgrades = asksForUpgrades(query['include']) ? await allUpgrades(deps.kv) : undefined;
    const databases = records.map((row) => {
      const record = row.value as DatabaseRecord;
      return { ...toApiDatabase(record, statuses.get(record.id) ?? [], deps.now()), ...upgrades?.get(record.id) };
    });
    return { databases };
  },
});

/** Of every database by its id. */
async function allUpgrades(kv: Kv): Promise<Map<string, ReturnType<typeof upgradesOf>>> {
  const [specs, hosts] = await Promise.all([kv.list('specs/'), readHosts(kv)]);
  return new Map(
    specs.map(({ key, value }) => [key.slice('specs/'.length), upgradesOf(value as StoredSpec, hosts)] as const),
  );
}
