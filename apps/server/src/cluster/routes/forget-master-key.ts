import { ForgetMasterKeyRequest, MasterKeyState } from '@windlass/resources/platform/api';
import { forgetMasterKey as forget } from '@windlass/resources/store';
import { readMasterKey } from '../master-key.ts';
import { jsonBody } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';

/** POST /v1/cluster/master-key/forget */
export const forgetMasterKey = defineRoute({
  operationId: 'forget-master-key',
  method: 'POST',
  url: '/v1/cluster/master-key/forget',
  tag: 'cluster',
  needs: 'admin',
  reaches: 'everything',
  summary: 'Never use a master key again; refused while anything needs it',
  errors: ['operation_refused', 'resource_contended', 'store_full'],
  body: jsonBody(ForgetMasterKeyRequest),
  response: MasterKeyState,
  handle: async ({ deps, body }) => {
    await forget(deps.kv, deps.membership.masterKeys, body.id, deps.now());
    return readMasterKey(deps);
  },
});
