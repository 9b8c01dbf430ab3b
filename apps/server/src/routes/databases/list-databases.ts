import { ListDatabasesResponse } from '@windlass/resources/spec';
import { asksForUpgrades } from '../../databases/available-upgrades.ts';
import { showDatabases } from '../../databases/show-databases.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/databases */
export const listDatabases = defineRoute({
  operationId: 'list-databases',
  method: 'GET',
  url: '/v1/databases',
  tag: 'databases',
  access: 'control',
  summary: 'All databases',
  query: { include: '`available_upgrades` adds the newer images of the same major version' },
  response: ListDatabasesResponse,
  handle: async ({ deps, query }) => ({
    databases: await showDatabases(deps, { upgrades: asksForUpgrades(query['include']) }),
  }),
});
