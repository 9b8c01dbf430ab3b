import { ApiPlan, ListResourcesResponse } from '@windlass/resources/spec';
import { etagOf } from '../databases/answer.ts';
import { defineRoute, type Route } from '../route.ts';
import { toApiTask } from '../tasks/read-tasks.ts';
import { acceptRoutes } from './accept-routes.ts';
import type { EntityKind, KindQueries, KindTypes } from './entity-kind.ts';
import { entityPath } from './entity-path.ts';
import { taskRoutes } from './task-routes.ts';

/** Every route a kind of entity has: list, get, create, update, delete, the two plans, resources and those of its tasks. */
export function entityRoutes<T extends KindTypes, Q extends KindQueries>(kind: EntityKind<T, Q>): Route[] {
  return [
    ...acceptRoutes(kind),
    deleteOf(kind),
    getOf(kind),
    listOf(kind),
    resourcesOf(kind),
    planCreateOf(kind),
    planUpdateOf(kind),
    ...taskRoutes(kind),
  ];
}

function listOf<T extends KindTypes, Q extends KindQueries>(kind: EntityKind<T, Q>): Route {
  const { base } = entityPath(kind);
  return defineRoute({
    operationId: `list-${kind.plural}`,
    method: 'GET',
    url: base,
    tag: kind.plural,
    needs: 'control',
    summary: `All ${kind.plural}`,
    query: kind.queries.list,
    response: kind.answers.list,
    errors: [],
    handle: async ({ deps, query }) => ({ [kind.plural]: await kind.list(deps, query) }),
  });
}

function getOf<T extends KindTypes, Q extends KindQueries>(kind: EntityKind<T, Q>): Route {
  const { one, path, idOf } = entityPath(kind);
  return defineRoute({
    operationId: `get-${kind.noun}`,
    method: 'GET',
    url: one,
    tag: kind.plural,
    needs: 'control',
    summary: `One ${kind.noun}`,
    path,
    query: kind.queries.get,
    response: kind.answers.view,
    errors: ['not_found'],
    handle: async ({ deps, params, query, reply }) => {
      const view = await kind.read(deps, idOf(params), query);
      void reply.header('etag', etagOf(view.revision));
      return view;
    },
  });
}

function deleteOf<T extends KindTypes, Q extends KindQueries>(kind: EntityKind<T, Q>): Route {
  const { one, path, idOf } = entityPath(kind);
  return defineRoute({
    operationId: `delete-${kind.noun}`,
    method: 'DELETE',
    url: one,
    tag: kind.plural,
    needs: 'control',
    summary: `Delete a ${kind.noun} and everything it has`,
    path,
    query: kind.queries.delete,
    response: kind.answers.deleted,
    errors: ['not_found', ...kind.errors.delete],
    handle: async ({ deps, params, query }) => ({
      task: toApiTask(await kind.acceptDelete(deps, idOf(params), query)),
    }),
  });
}

function resourcesOf<T extends KindTypes, Q extends KindQueries>(kind: EntityKind<T, Q>): Route {
  const { one, path, idOf } = entityPath(kind);
  return defineRoute({
    operationId: kind.odd?.resourcesOperation ?? `list-${kind.noun}-resources`,
    method: 'GET',
    url: `${one}/resources`,
    tag: kind.plural,
    needs: 'control',
    summary: 'Every resource: spec, status, drift',
    path,
    response: ListResourcesResponse,
    errors: ['not_found', ...kind.errors.resources],
    handle: async ({ deps, params }) => ({ resources: await kind.resources(deps, idOf(params)) }),
  });
}

function planCreateOf<T extends KindTypes, Q extends KindQueries>(kind: EntityKind<T, Q>): Route {
  return defineRoute({
    operationId: `plan-new-${kind.noun}`,
    method: 'POST',
    url: `${entityPath(kind).base}::plan`,
    tag: kind.plural,
    needs: 'control',
    summary: `What declaring this ${kind.noun} would do; changes nothing`,
    body: kind.bodies.create,
    response: ApiPlan,
    errors: [...kind.errors.create, ...kind.errors.plan],
    handle: ({ deps, body }) => kind.planCreate(deps, body),
  });
}

function planUpdateOf<T extends KindTypes, Q extends KindQueries>(kind: EntityKind<T, Q>): Route {
  const { oneBefore, path, idOf } = entityPath(kind);
  return defineRoute({
    operationId: `plan-${kind.noun}`,
    method: 'POST',
    url: oneBefore('plan'),
    tag: kind.plural,
    needs: 'control',
    summary: 'What an update to this spec would do; changes nothing',
    path,
    body: kind.bodies.update,
    response: ApiPlan,
    errors: ['not_found', ...kind.errors.plan],
    handle: ({ deps, params, body }) => kind.planUpdate(deps, idOf(params), body),
  });
}
