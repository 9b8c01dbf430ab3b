import { X509Certificate } from 'node:crypto';
import { DatabaseCa } from '@windlass/resources/postgres/spec';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { wireTime } from '../../core/tasks/read-tasks.ts';
import { readDatabase } from '../read-database.ts';

/** GET /v1/databases/:database_id/ca. One authority signs for all databases of a cluster (ADR 39). */
export const getDatabaseCa = defineRoute({
  operationId: 'get-database-ca',
  method: 'GET',
  url: '/v1/databases/:database_id/ca',
  tag: 'databases',
  needs: 'viewer',
  reaches: oneDatabase,
  summary: 'The certificate to verify the servers of a database with',
  errors: ['not_found'],
  response: DatabaseCa,
  handle: async ({ deps, params }) => {
    await readDatabase(deps, params.database_id);
    const { fingerprint256, validTo } = new X509Certificate(deps.caPem);
    return {
      certificate: deps.caPem,
      fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
      expires_at: wireTime(new Date(validTo).toISOString()),
    };
  },
});
