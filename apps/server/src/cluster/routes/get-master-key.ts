import { MasterKeyState } from '@windlass/resources/platform/api';
import { readMasterKey } from '../master-key.ts';
import { defineRoute } from '../../core/route.ts';

/** GET /v1/cluster/master-key */
export const getMasterKey = defineRoute({
  operationId: 'get-master-key',
  method: 'GET',
  url: '/v1/cluster/master-key',
  tag: 'cluster',
  needs: 'admin',
  reaches: 'everything',
  summary: 'The master keys: which is in use, what each wraps, who has it; never a key',
  errors: [],
  response: MasterKeyState,
  handle: ({ deps }) => readMasterKey(deps),
});
