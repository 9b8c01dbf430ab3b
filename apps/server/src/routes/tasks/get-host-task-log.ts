import { ApiTaskLog } from '@windlass/resources/spec';
import { readTaskLog } from '../../tasks/read-tasks.ts';
import { pathId, pathUuid, queryInteger, queryUuid } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/hosts/:host_id/tasks/:task_id/logs */
export const getHostTaskLog = defineRoute({
  operationId: 'get-host-task-log',
  method: 'GET',
  url: '/v1/hosts/:host_id/tasks/:task_id/logs',
  tag: 'tasks',
  needs: 'control',
  summary: 'Log of a task of a host',
  query: { after_entry_id: 'Only entries after this one', limit: 'The last so many' },
  response: ApiTaskLog,
  handle: ({ deps, params, query }) => {
    const task = { scope: 'host' as const, entityId: pathId(params, 'host_id'), taskId: pathUuid(params, 'task_id') };
    return readTaskLog(deps.kv, task, {
      afterEntryId: queryUuid(query, 'after_entry_id'),
      limit: queryInteger(query, 'limit'),
    });
  },
});
