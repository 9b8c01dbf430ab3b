import { ApiPlan, ListResourcesResponse } from '@windlass/resources/postgres/spec';
import { etagOf } from './entity-tag.ts';
import { defineRoute, type Route } from '../core/route.ts';
import { toApiTask } from '../core/tasks/read-tasks.ts';
import { acceptRoutes } from './accept-routes.ts';
import type { EntityDefinition, EntityQueries, EntityTypes } from './entity-definition.ts';
import { entityPath } from './entity-path.ts';
import { taskRoutes } from './task-routes.ts';

/** Every route a sort of entity has: list, get, create, update, delete, the two plans, resources and those of its tasks. */
export function entityRoutes<T extends EntityTypes, Q extends EntityQueries>(
  definition: EntityDefinition<T, Q>,
): Route[] {
  return [
    ...acceptRoutes(definition),
    deleteOf(definition),
    getOf(definition),
    listOf(definition),
    resourcesOf(definition),
    planCreateOf(definition),
    planUpdateOf(definition),
    ...taskRoutes(definition),
  ];
}

function listOf<T extends EntityTypes, Q extends EntityQueries>(definition: EntityDefinition<T, Q>): Route {
  const { base } = entityPath(definition);
  return defineRoute({
    operationId: `list-${definition.plural}`,
    method: 'GET',
    url: base,
    tag: definition.plural,
    needs: 'control',
    summary: `All ${definition.plural}`,
    query: definition.queries.list,
    response: definition.answers.list,
    errors: [],
    handle: async ({ deps, query }) => ({ [definition.plural]: await definition.list(deps, query) }),
  });
}

function getOf<T extends EntityTypes, Q extends EntityQueries>(definition: EntityDefinition<T, Q>): Route {
  const { one, path, idOf } = entityPath(definition);
  return defineRoute({
    operationId: `get-${definition.noun}`,
    method: 'GET',
    url: one,
    tag: definition.plural,
    needs: 'control',
    summary: `One ${definition.noun}`,
    path,
    query: definition.queries.get,
    response: definition.answers.view,
    errors: ['not_found'],
    handle: async ({ deps, params, query, reply }) => {
      const view = await definition.read(deps, idOf(params), query);
      void reply.header('etag', etagOf(view.revision));
      return view;
    },
  });
}

function deleteOf<T extends EntityTypes, Q extends EntityQueries>(definition: EntityDefinition<T, Q>): Route {
  const { one, path, idOf } = entityPath(definition);
  return defineRoute({
    operationId: `delete-${definition.noun}`,
    method: 'DELETE',
    url: one,
    tag: definition.plural,
    needs: 'control',
    summary: `Delete a ${definition.noun} and everything it has`,
    path,
    query: definition.queries.delete,
    response: definition.answers.deleted,
    errors: ['not_found', 'in_use', ...definition.errors.delete],
    handle: async ({ deps, params, query }) => ({
      task: toApiTask(await definition.acceptDelete(deps, idOf(params), query)),
    }),
  });
}

function resourcesOf<T extends EntityTypes, Q extends EntityQueries>(definition: EntityDefinition<T, Q>): Route {
  const { one, path, idOf } = entityPath(definition);
  return defineRoute({
    operationId: definition.odd?.resourcesOperation ?? `list-${definition.noun}-resources`,
    method: 'GET',
    url: `${one}/resources`,
    tag: definition.plural,
    needs: 'control',
    summary: 'Every resource: spec, status, drift',
    path,
    response: ListResourcesResponse,
    errors: ['not_found', ...definition.errors.resources],
    handle: async ({ deps, params }) => ({ resources: await definition.resources(deps, idOf(params)) }),
  });
}

function planCreateOf<T extends EntityTypes, Q extends EntityQueries>(definition: EntityDefinition<T, Q>): Route {
  return defineRoute({
    operationId: `plan-new-${definition.noun}`,
    method: 'POST',
    url: `${entityPath(definition).base}::plan`,
    tag: definition.plural,
    needs: 'control',
    summary: `What declaring this ${definition.noun} would do; changes nothing`,
    body: definition.bodies.create,
    response: ApiPlan,
    errors: [...definition.errors.create, ...definition.errors.plan],
    handle: ({ deps, body }) => definition.planCreate(deps, body),
  });
}

function planUpdateOf<T extends EntityTypes, Q extends EntityQueries>(definition: EntityDefinition<T, Q>): Route {
  const { oneBefore, path, idOf } = entityPath(definition);
  return defineRoute({
    operationId: `plan-${definition.noun}`,
    method: 'POST',
    url: oneBefore('plan'),
    tag: definition.plural,
    needs: 'control',
    summary: 'What an update to this spec would do; changes nothing',
    path,
    body: definition.bodies.update,
    response: ApiPlan,
    errors: ['not_found', ...definition.errors.plan],
    handle: ({ deps, params, body }) => definition.planUpdate(deps, idOf(params), body),
  });
}
