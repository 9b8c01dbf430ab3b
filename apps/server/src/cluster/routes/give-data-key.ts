import { DataKeyAnswer, DataKeyRequest } from '@windlass/resources/platform/api';
import { callingHost } from '../caller.ts';
import { giveDataKey as give } from '../give-data-key.ts';
import { jsonBody } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';

/** POST /v1/internal/data-keys */
export const giveDataKey = defineRoute({
  operationId: 'give-data-key',
  method: 'POST',
  url: '/v1/internal/data-keys',
  tag: 'cluster',
  needs: 'member',
  reaches: 'everything',
  summary: 'The data key of an entity that has something on the host that asks; for hosts only',
  errors: ['not_a_member', 'operation_refused'],
  internal: true,
  body: jsonBody(DataKeyRequest),
  response: DataKeyAnswer,
  handle: async ({ deps, body, request }) => give(deps, await callingHost(deps, request.raw), body),
});
