import { VersionInfo } from '@windlass/resources/platform/api';

const STARTED = `${new Date().toISOString().slice(0, 19)}Z`;

import { defineRoute } from '../route.ts';

/** GET /v1/version */
export const getVersion = defineRoute({
  operationId: 'get-version',
  method: 'GET',
  url: '/v1/version',
  tag: 'system',
  needs: 'open',
  reaches: 'nothing',
  summary: 'Version of the server',
  errors: [],
  beforeInit: true,
  response: VersionInfo,
  handle: () =>
    Promise.resolve({
      version: '0.1.0',
      revision: process.env['WINDLASS_REVISION'] ?? 'unknown',
      revision_time: STARTED,
      arch: process.arch === 'x64' ? 'amd64' : process.arch,
    }),
});
