import { randomUUID } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import type { ApiPlan, CreateDatabaseRequest, UpdateDatabaseRequest } from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';
import { planFor } from './inspect.ts';
import { prepareSpec, prepareUpdate } from './prepare-spec.ts';
import { readDatabase } from './read-database.ts';
import { databaseStore } from './database-store.ts';

/** What declaring this database would do; `database_already_exists` when its id is taken. */
export async function planCreate(deps: ServerDeps, wanted: CreateDatabaseRequest): Promise<ApiPlan> {
  const id = wanted.id ?? randomUUID();
  if (await databaseStore.records.get(deps.kv, id)) throw new DomainError('database_already_exists');
  const { stored } = await prepareSpec(deps, id, wanted.spec);
  return planFor(deps, id, stored);
}

/** What an update to this spec would do. */
export async function planUpdate(deps: ServerDeps, id: string, wanted: UpdateDatabaseRequest): Promise<ApiPlan> {
  const before = await readDatabase(deps, id);
  const { spec, tenant_id: tenantId } = wanted;
  const { stored } = await prepareUpdate(deps, id, before, { spec, tenantId });
  return planFor(deps, id, stored);
}
