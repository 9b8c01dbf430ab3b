import { MasterKeyState, RotateMasterKeyRequest } from '@windlass/resources/platform/api';
import { beginRotation } from '@windlass/resources/store';
import { readMasterKey } from '../master-key.ts';
import { jsonBody } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';

/** POST /v1/cluster/master-key/rotate */
export const rotateMasterKey = defineRoute({
  operationId: 'rotate-master-key',
  method: 'POST',
  url: '/v1/cluster/master-key/rotate',
  tag: 'cluster',
  needs: 'admin',
  reaches: 'everything',
  summary: 'Use another master key; servers wrap every data key anew meanwhile, and nothing stops',
  errors: ['operation_refused', 'resource_contended', 'store_full'],
  body: jsonBody(RotateMasterKeyRequest),
  response: MasterKeyState,
  handle: async ({ deps, body }) => {
    await beginRotation(deps.kv, deps.membership.masterKeys, body.to, deps.now());
    return readMasterKey(deps);
  },
});
