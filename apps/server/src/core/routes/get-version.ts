import { statSync } from 'node:fs';
import { VersionInfo } from '@windlass/resources/platform/api';
import { defineRoute } from '../route.ts';

/** Of the commit; where nobody told it, when the program was built. */
const revisionTime = (): string =>
  process.env['WINDLASS_REVISION_TIME'] ||
  `${statSync(process.argv[1] ?? '')
    .mtime.toISOString()
    .slice(0, 19)}Z`;

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
      revision_time: revisionTime(),
      arch: process.arch === 'x64' ? 'amd64' : process.arch,
    }),
});
