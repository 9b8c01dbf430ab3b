import { ApiHost } from '@windlass/resources/platform/api';
import { defineRoute } from '../../core/route.ts';
import { resumeHost as resume } from '../resume-host.ts';

/** POST /v1/hosts/:host_id:resume */
export const resumeHost = defineRoute({
  operationId: 'resume-host',
  method: 'POST',
  url: '/v1/hosts/:host_id(^[^:]+)::resume',
  tag: 'hosts',
  needs: 'operator',
  reaches: 'everything',
  summary: 'Let databases be placed on a drained host again',
  errors: ['not_found', 'operation_already_in_progress'],
  response: ApiHost,
  handle: ({ deps, params }) => resume(deps, params.host_id),
});
