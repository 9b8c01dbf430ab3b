import { ListResourcesResponse } from '@windlass/resources/spec';
import { readDatabase } from '../../databases/read-database.ts';
import { resourceViews } from '../../databases/inspect.ts';
import { pathId } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/databases/:database_id/resources */
export const listResources = defineRoute({
  operationId: 'list-resources',
  method: 'GET',
  url: '/v1/databases/:database_id/resources',
  tag: 'databases',
  needs: 'control',
  summary: 'Every resource: spec, status, drift',
  response: ListResourcesResponse,
  handle: async ({ deps, params }) => {
    const id = pathId(params, 'database_id');
    await readDatabase(deps, id);
    return { resources: await resourceViews(deps, id) };
  },
});
