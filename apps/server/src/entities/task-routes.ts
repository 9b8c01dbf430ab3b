import { ApiTask, ApiTaskLog, ListTasksResponse } from '@windlass/resources/api';
import type { ServerDeps } from '../core/deps.ts';
import { defineRoute, type Route } from '../core/route.ts';
import { getTask, listTasksOf, readTaskLog, toApiTask } from '../core/tasks/read-tasks.ts';
import { taskPage, toTaskQuery } from '../core/tasks/task-page.ts';
import { toUuid } from '../core/wire-input.ts';
import type { ReadPart } from '../core/wire-path.ts';
import { integer, uuid } from '../core/wire-query.ts';
import { ApiPlan } from './plan-shapes.ts';
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
export function taskRoutes(edge: EntityTasks): Route[] {
  return [
    listOf(edge),
    oneOf(edge),
    logOf(edge),
    ...(edge.cancel ? [cancelOf(edge, edge.cancel)] : []),
    ...(edge.plan ? [planOf(edge, edge.plan)] : []),
  ];
}

/** What is the same of all of them, and how they read whose task it is. */
function common(edge: EntityTasks) {
  const { one, path, idOf, same } = entityPath(edge);
  return {
    all: `${one}/tasks`,
    one: `${one}/tasks/:task_id`,
    same: { ...same, tag: 'tasks', path: { ...path, task_id: toUuid } } as const,
    idsOf: (params: Readonly<Record<string, string>>) => ({ id: idOf(params), taskId: params['task_id'] ?? '' }),
  };
}

function listOf(edge: EntityTasks): Route {
  const { all, same, idsOf } = common(edge);
  return defineRoute({
    ...same,
    operationId: `list-${edge.noun}-tasks`,
    method: 'GET',
    url: all,
    summary: `Tasks of a ${edge.noun}`,
    query: taskPage,
    response: ListTasksResponse,
    errors: ['not_found'],
    handle: async ({ deps, params, query }) => ({
      tasks: await listTasksOf(deps.kv, edge.scope, idsOf(params).id, toTaskQuery(query)),
    }),
  });
}

function oneOf(edge: EntityTasks): Route {
  const { one, same, idsOf } = common(edge);
  return defineRoute({
    ...same,
    operationId: `get-${edge.noun}-task`,
    method: 'GET',
    url: one,
    summary: `One task of a ${edge.noun}`,
    response: ApiTask,
    errors: ['not_found'],
    handle: async ({ deps, params }) => {
      const { id, taskId } = idsOf(params);
      return toApiTask(await getTask(deps.kv, edge.scope, id, taskId));
    },
  });
}

function logOf(edge: EntityTasks): Route {
  const { one, same, idsOf } = common(edge);
  return defineRoute({
    ...same,
    operationId: `get-${edge.noun}-task-log`,
    method: 'GET',
    url: `${one}/${edge.odd?.log ?? 'log'}`,
    summary: `Log of a task of a ${edge.noun}`,
    query: { after_entry_id: uuid('Only entries after this one'), limit: integer('The last so many') },
    response: ApiTaskLog,
    errors: ['not_found'],
    handle: ({ deps, params, query }) => {
      const { id, taskId } = idsOf(params);
      const page = { afterEntryId: query.after_entry_id, limit: query.limit };
      return readTaskLog(deps.kv, { scope: edge.scope, entityId: id, taskId }, page);
    },
  });
}

function cancelOf(edge: EntityTasks, cancel: NonNullable<EntityTasks['cancel']>): Route {
  const { all, one, same, idsOf } = common(edge);
  const odd = edge.odd?.cancel;
  const url: string = odd ? `${one}/cancel` : `${all}/:task_id(^[^:]+)::cancel`;
  return defineRoute({
    ...same,
    ...(odd && { path: { ...same.path, task_id: odd } }),
    needs: 'operator',
    operationId: `cancel-${edge.noun}-task`,
    method: odd ? 'GET' : 'POST',
    url,
    summary: 'Cancel a task',
    response: ApiTask,
    errors: ['not_found', 'store_full'],
    handle: async ({ deps, params }) => {
      const { id, taskId } = idsOf(params);
      return toApiTask(await cancel(deps, id, taskId));
    },
  });
}

function planOf(edge: EntityTasks, plan: NonNullable<EntityTasks['plan']>): Route {
  const { one, same, idsOf } = common(edge);
  return defineRoute({
    ...same,
    operationId: `get-${edge.noun}-task-plan`,
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
