import { ApiPlan, ListResourcesResponse } from './plan-shapes.ts';
import { etagOf } from './entity-tag.ts';
import { defineRoute, type Route } from '../core/route.ts';
import { toApiTask } from '../core/tasks/read-tasks.ts';
import { acceptRoutes } from './accept-routes.ts';
import type { EntityEdge, EntityQueries, EntityTypes } from './entity-edge.ts';
import { entityPath } from './entity-path.ts';
import { changeOf, newOf } from './own-tenant.ts';
import { taskRoutes } from './task-routes.ts';

/** Every route a sort of entity has: list, get, create, update, delete, the two plans, resources and those of its tasks. */
export function entityRoutes<T extends EntityTypes, Q extends EntityQueries>(edge: EntityEdge<T, Q>): Route[] {
  return [
    ...acceptRoutes(edge),
    deleteOf(edge),
    getOf(edge),
    listOf(edge),
    resourcesOf(edge),
    planCreateOf(edge),
    planUpdateOf(edge),
    ...taskRoutes(edge),
  ];
}

function listOf<T extends EntityTypes, Q extends EntityQueries>(edge: EntityEdge<T, Q>): Route {
  const { base, many } = entityPath(edge);
  return defineRoute({
    ...many,
    operationId: `list-${edge.plural}`,
    method: 'GET',
    url: base,
    summary: `All ${edge.plural}`,
    query: edge.queries.list,
    response: edge.answers.list,
    errors: [],
    handle: async ({ deps, query, reach }) => ({ [edge.plural]: await edge.list(deps, query, reach) }),
  });
}

function getOf<T extends EntityTypes, Q extends EntityQueries>(edge: EntityEdge<T, Q>): Route {
  const { one, path, idOf, same } = entityPath(edge);
  return defineRoute({
    ...same,
    operationId: `get-${edge.noun}`,
    method: 'GET',
    url: one,
    summary: `One ${edge.noun}`,
    path,
    query: edge.queries.get,
    response: edge.answers.view,
    errors: ['not_found'],
    handle: async ({ deps, params, query, reply }) => {
      const view = await edge.read(deps, idOf(params), query);
      void reply.header('etag', etagOf(view.revision));
      return view;
    },
  });
}

function deleteOf<T extends EntityTypes, Q extends EntityQueries>(edge: EntityEdge<T, Q>): Route {
  const { one, path, idOf, same } = entityPath(edge);
  return defineRoute({
    ...same,
    needs: 'admin',
    operationId: `delete-${edge.noun}`,
    method: 'DELETE',
    url: one,
    summary: `Delete a ${edge.noun} and everything it has`,
    path,
    query: edge.queries.delete,
    response: edge.answers.deleted,
    errors: ['not_found', 'in_use', ...edge.errors.delete],
    handle: async ({ deps, params, query }) => ({
      task: toApiTask(await edge.acceptDelete(deps, idOf(params), query)),
    }),
  });
}

function resourcesOf<T extends EntityTypes, Q extends EntityQueries>(edge: EntityEdge<T, Q>): Route {
  const { one, path, idOf, same } = entityPath(edge);
  return defineRoute({
    ...same,
    operationId: edge.odd?.resourcesOperation ?? `list-${edge.noun}-resources`,
    method: 'GET',
    url: `${one}/resources`,
    summary: 'Every resource: spec, status, drift',
    path,
    response: ListResourcesResponse,
    errors: ['not_found', ...edge.errors.resources],
    handle: async ({ deps, params }) => ({ resources: await edge.resources(deps, idOf(params)) }),
  });
}

function planCreateOf<T extends EntityTypes, Q extends EntityQueries>(edge: EntityEdge<T, Q>): Route {
  const { base, many } = entityPath(edge);
  return defineRoute({
    ...many,
    operationId: `plan-new-${edge.noun}`,
    method: 'POST',
    url: `${base}::plan`,
    unaudited: true,
    summary: `What declaring this ${edge.noun} would do; changes nothing`,
    body: edge.bodies.create,
    response: ApiPlan,
    errors: [...edge.errors.create, ...edge.errors.plan],
    handle: async ({ deps, body, reach }) => edge.planCreate(deps, await newOf(deps, edge.tenants, reach, body)),
  });
}

function planUpdateOf<T extends EntityTypes, Q extends EntityQueries>(edge: EntityEdge<T, Q>): Route {
  const { oneBefore, path, idOf, same } = entityPath(edge);
  return defineRoute({
    ...same,
    operationId: `plan-${edge.noun}`,
    method: 'POST',
    url: oneBefore('plan'),
    unaudited: true,
    summary: 'What an update to this spec would do; changes nothing',
    path,
    body: edge.bodies.update,
    response: ApiPlan,
    errors: ['not_found', ...edge.errors.plan],
    handle: async ({ deps, params, body, reach }) => {
      const id = idOf(params);
      return edge.planUpdate(deps, id, await changeOf(deps, edge.tenants, reach, body, id));
    },
  });
}
