import { ApiPlan } from '@windlass/resources/postgres/spec';
import { ApiTask, ApiTaskLog, ListTasksResponse } from '@windlass/resources/api';
import type { ServerDeps } from '../core/deps.ts';
import { defineRoute, type Route } from '../core/route.ts';
import { getTask, listTasksOf, readTaskLog, toApiTask } from '../core/tasks/read-tasks.ts';
import { taskPage, toTaskQuery } from '../core/tasks/task-page.ts';
import { toUuid } from '../core/wire-input.ts';
import type { ReadPart } from '../core/wire-path.ts';
import { integer, uuid } from '../core/wire-query.ts';
import { entityPath } from './entity-path.ts';
import type { TaskRecord } from '@windlass/resources/tasks';

/** What the routes of the tasks of a sort of entity need of it. */
export interface EntityTasks {
  /** `database`, as in the names of its operations and of its path parameter. */
  readonly noun: string;
  /** `databases`, as in the path, and the name of a list of them. */
  readonly plural: string;
  readonly scope: TaskRecord['scope'];
  /** Absent: none of its tasks can be told to stop. */
  cancel?(deps: ServerDeps, id: string, taskId: string): Promise<TaskRecord>;
  /** The plan a task follows; absent: they follow none. */
  plan?(deps: ServerDeps, id: string, taskId: string): Promise<ApiPlan>;
  /** Where the wire contract asks for something else than what new ones get. */
  readonly odd?: {
    /** Last part of the path of a log. */
    readonly log?: string;
    /** It is a GET of `…/cancel`, and refuses other ids in words of its own. */
    readonly cancel?: ReadPart;
  };
}

/** The tasks of a sort of entity: list, one, its log, and where it has them cancel and plan. */
export function taskRoutes(definition: EntityTasks): Route[] {
  return [
    listOf(definition),
    oneOf(definition),
    logOf(definition),
    ...(definition.cancel ? [cancelOf(definition, definition.cancel)] : []),
    ...(definition.plan ? [planOf(definition, definition.plan)] : []),
  ];
}

/** What is the same of all of them, and how they read whose task it is. */
function common(definition: EntityTasks) {
  const { one, path, idOf } = entityPath(definition);
  return {
    all: `${one}/tasks`,
    one: `${one}/tasks/:task_id`,
    same: { tag: 'tasks', needs: 'control', path: { ...path, task_id: toUuid } } as const,
    idsOf: (params: Readonly<Record<string, string>>) => ({ id: idOf(params), taskId: params['task_id'] ?? '' }),
  };
}

function listOf(definition: EntityTasks): Route {
  const { all, same, idsOf } = common(definition);
  return defineRoute({
    ...same,
    operationId: `list-${definition.noun}-tasks`,
    method: 'GET',
    url: all,
    summary: `Tasks of a ${definition.noun}`,
    query: taskPage,
    response: ListTasksResponse,
    errors: ['not_found'],
    handle: async ({ deps, params, query }) => ({
      tasks: await listTasksOf(deps.kv, definition.scope, idsOf(params).id, toTaskQuery(query)),
    }),
  });
}

function oneOf(definition: EntityTasks): Route {
  const { one, same, idsOf } = common(definition);
  return defineRoute({
    ...same,
    operationId: `get-${definition.noun}-task`,
    method: 'GET',
    url: one,
    summary: `One task of a ${definition.noun}`,
    response: ApiTask,
    errors: ['not_found'],
    handle: async ({ deps, params }) => {
      const { id, taskId } = idsOf(params);
      return toApiTask(await getTask(deps.kv, definition.scope, id, taskId));
    },
  });
}

function logOf(definition: EntityTasks): Route {
  const { one, same, idsOf } = common(definition);
  return defineRoute({
    ...same,
    operationId: `get-${definition.noun}-task-log`,
    method: 'GET',
    url: `${one}/${definition.odd?.log ?? 'log'}`,
    summary: `Log of a task of a ${definition.noun}`,
    query: { after_entry_id: uuid('Only entries after this one'), limit: integer('The last so many') },
    response: ApiTaskLog,
    errors: ['not_found'],
    handle: ({ deps, params, query }) => {
      const { id, taskId } = idsOf(params);
      const page = { afterEntryId: query.after_entry_id, limit: query.limit };
      return readTaskLog(deps.kv, { scope: definition.scope, entityId: id, taskId }, page);
    },
  });
}

function cancelOf(definition: EntityTasks, cancel: NonNullable<EntityTasks['cancel']>): Route {
  const { all, one, same, idsOf } = common(definition);
  const odd = definition.odd?.cancel;
  return defineRoute({
    ...same,
    ...(odd && { path: { ...same.path, task_id: odd } }),
    operationId: `cancel-${definition.noun}-task`,
    method: odd ? 'GET' : 'POST',
    url: odd ? `${one}/cancel` : `${all}/:task_id(^[^:]+)::cancel`,
    summary: 'Cancel a task',
    response: ApiTask,
    errors: ['not_found', 'store_full'],
    handle: async ({ deps, params }) => {
      const { id, taskId } = idsOf(params);
      return toApiTask(await cancel(deps, id, taskId));
    },
  });
}

function planOf(definition: EntityTasks, plan: NonNullable<EntityTasks['plan']>): Route {
  const { one, same, idsOf } = common(definition);
  return defineRoute({
    ...same,
    operationId: `get-${definition.noun}-task-plan`,
    method: 'GET',
    url: `${one}/plan`,
    summary: 'The plan a task follows',
    response: ApiPlan,
    errors: ['not_found'],
    handle: ({ deps, params }) => {
      const { id, taskId } = idsOf(params);
      return plan(deps, id, taskId);
    },
  });
}
