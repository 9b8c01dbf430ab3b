import { RemoveHostResponse } from '@windlass/resources/api';
import { acceptRemoval } from '../accept-removal.ts';
import { toApiTask } from '../../core/tasks/read-tasks.ts';
import { flag } from '../../core/wire-query.ts';
import { defineRoute } from '../../core/route.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** DELETE /v1/hosts/:host_id */
export const removeHost = defineRoute({
  operationId: 'remove-host',
  method: 'DELETE',
  url: '/v1/hosts/:host_id',
  tag: 'hosts',
  needs: 'admin',
  reaches: 'everything',
  summary: 'Remove a host; its databases are updated to do without it',
  errors: CHANGE_ERRORS,
  query: { force: flag('Also when instances are on it; also when it is dead') },
  response: RemoveHostResponse,
  handle: async ({ deps, params, query }) => {
    const { task, updates } = await acceptRemoval(deps, params.host_id, query.force);
    return { task: toApiTask(task), update_database_tasks: updates.map(toApiTask) };
  },
});
