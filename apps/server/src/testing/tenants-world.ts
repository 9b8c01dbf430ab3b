import { apiTokens, type Role } from '@windlass/resources/platform/records';
import { databaseRecords, databaseSpecs, instanceStatuses } from '@windlass/resources/postgres/records';
import { taskLogEntries, taskRecords } from '@windlass/resources/tasks';
import { newToken } from '../core/door/api-token.ts';
import { buildApp } from '../app.ts';
import { TASK } from './contract-world.ts';
import { openFixture, shopSpec, type Answer, type Fixture } from './fixture.ts';

const THEN = '2026-01-01T00:00:00.000Z';

/** Whose the databases of the world are: `shop` is of acme, `bank` of globex, `free` of nobody. */
export const OF = { shop: 'acme', bank: 'globex', free: undefined } as const;

export interface TenantsWorld extends Fixture {
  /** As somebody with this header `Authorization`; without one as nobody. */
  as(authorization: string | undefined): Fixture['call'];
  /** A new login, as that header. */
  login(role: Role, tenants?: readonly string[], days?: number): Promise<string>;
}

/** A cluster that asks everybody for a login, with a database of each of two tenants and one of nobody. */
export async function openTenants(): Promise<TenantsWorld> {
  const f = await openFixture();
  for (const [id, tenantId] of Object.entries(OF)) await f.kv.commit([], databaseOf(id, tenantId));
  const app = await buildApp(f.deps, false, { loginOnLoopback: true });
  const ask = async (
    authorization: string | undefined,
    ...[method, url, payload, more]: Parameters<Fixture['call']>
  ) => {
    const headers = { ...(authorization !== undefined && { authorization }), ...more };
    const answer = await app.inject({ method: method as 'GET', url, headers, ...(payload !== undefined && { payload: payload as object }) }); // prettier-ignore
    const isJson = String(answer.headers['content-type']).includes('json');
    const body = (isJson ? answer.json() : {}) as Answer['body'];
    return { status: answer.statusCode, headers: answer.headers, body };
  };
  return {
    ...f,
    app,
    as:
      (authorization) =>
      (...request) =>
        ask(authorization, ...request),
    login: async (role, tenants, days = 1) => {
      const { id, token, hash } = newToken();
      const expiresAt = new Date(f.deps.now().getTime() + days * 86_400_000).toISOString();
      const record = { id, name: `my ${role}`, role, hash, createdAt: THEN, expiresAt, ...(tenants && { tenants }) };
      await f.kv.commit([], [apiTokens.put(record, id)]);
      return `Bearer ${token}`;
    },
  };
}

/** With an instance, and a task that has ended; the record of that is as a server of before tenants wrote it. */
function databaseOf(id: string, tenantId: string | undefined) {
  const spec = { spec: { ...shopSpec, database_name: 'app', postgres_version: '17.6' }, passwordVersions: {} };
  const of = tenantId === undefined ? {} : { tenantId };
  const task = { taskId: TASK, scope: 'database', entityId: id, workflowId: `database/${id}` };
  const times = { createdAt: THEN, completedAt: THEN };
  const entryId = '0199a7c4-5b1e-7c31-9f0a-2d6b8a4e1f11';
  const now = new Date().toISOString();
  const instance = {
    ...{ instanceId: `${id}-n1-a`, databaseId: id, nodeName: 'n1', hostId: 'host-1', createdAt: now, sampledAt: now },
    ...{ addresses: [], container: 'running' as const, writable: true },
  };
  return [
    databaseRecords.put({ id, ...of, createdAt: THEN, updatedAt: THEN, state: 'available' }, id),
    { put: databaseSpecs.key(id), value: spec },
    instanceStatuses.put(instance, id, instance.instanceId),
    taskRecords.put({ ...task, ...times, type: 'update', status: 'completed' }, 'database', id, TASK),
    taskLogEntries.put({ entryId, timestamp: THEN, message: `about ${id}` }, 'database', id, TASK, entryId),
  ];
}
