import { DrainHostResponse } from '@windlass/resources/platform/api';
import { toApiTask } from '../../core/tasks/read-tasks.ts';
import { defineRoute } from '../../core/route.ts';
import { acceptDrain } from '../accept-drain.ts';

/** POST /v1/hosts/:host_id:drain */
export const drainHost = defineRoute({
  operationId: 'drain-host',
  method: 'POST',
  url: '/v1/hosts/:host_id(^[^:]+)::drain',
  tag: 'hosts',
  needs: 'operator',
  reaches: 'everything',
  summary: 'Place nothing new on a host, and have its primaries hand over to replicas elsewhere',
  errors: ['not_found', 'operation_already_in_progress'],
  response: DrainHostResponse,
  handle: async ({ deps, params }) => {
    const { task, switchovers, stays } = await acceptDrain(deps, params.host_id);
    return { task: toApiTask(task), switchover_tasks: switchovers.map(toApiTask), stays: [...stays] };
  },
});
