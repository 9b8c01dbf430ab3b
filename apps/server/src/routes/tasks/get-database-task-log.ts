import { ApiTaskLog } from '@windlass/resources/spec';
import { readTaskLog } from '../../tasks/read-tasks.ts';
import { pathId, pathUuid, queryInteger, queryUuid } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/databases/:database_id/tasks/:task_id/log */
export const getDatabaseTaskLog = defineRoute({
  operationId: 'get-database-task-log',
  method: 'GET',
  url: '/v1/databases/:database_id/tasks/:task_id/log',
  tag: 'tasks',
  needs: 'control',
  summary: 'Log of a task of a database',
  query: { after_entry_id: 'Only entries after this one', limit: 'The last so many' },
  response: ApiTaskLog,
  handle: ({ deps, params, query }) => {
    const task = {
      scope: 'database' as const,
      entityId: pathId(params, 'database_id'),
      taskId: pathUuid(params, 'task_id'),
    };
    return readTaskLog(deps.kv, task, {
      afterEntryId: queryUuid(query, 'after_entry_id'),
      limit: queryInteger(query, 'limit'),
    });
  },
});
