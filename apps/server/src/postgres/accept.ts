import { randomUUID } from 'node:crypto';
import { databaseEntity } from '@windlass/resources/entity';
import type { StoredSpec } from '@windlass/resources/postgres/spec';
import { openTask, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { acceptDelete as acceptEntityDelete, readUnused } from '../entities/accept-delete.ts';
import { acceptNew, refuseOldRevision } from '../entities/accept-spec.ts';
import { refuseBusy } from './busy.ts';
import { changeSpec, type Accepted, type Also } from './change-spec.ts';
import { checkPlacement } from './check-placement.ts';
import { checkRestores } from './check-restores.ts';
import { databaseStore } from './database-store.ts';
import { keepBackups, refuseOthersBackups } from './kept-backups.ts';
import { prepareSpec, prepareUpdate } from './prepare-spec.ts';
import { readDatabase } from './read-database.ts';
import { goesOnWith } from './remaking.ts';
import { stuckTask } from './stuck-task.ts';

export interface CreateRequest {
  readonly id?: string | undefined;
  readonly tenant_id?: string | undefined;
  readonly spec: StoredSpec['spec'];
}

/** Accepts a new database: one transaction writes record, spec, verifiers, task and outbox. Then the workflow is started. */
export async function acceptCreate(deps: ServerDeps, request: CreateRequest, also: Also): Promise<Accepted> {
  const id = request.id ?? randomUUID();
  await checkRestores(deps, request);
  const prepared = await prepareSpec(deps, id, request.spec);
  await refuseOthersBackups(deps, id, request.tenant_id);
  await checkPlacement(deps, id, prepared.stored);
  const now = deps.now();
  const tenantId = request.tenant_id;
  const opened = openTask({ entity: databaseEntity(id), type: 'create', input: {}, tenantId }, now);
  const record = {
    id,
    ...(tenantId !== undefined && { tenantId }),
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    state: 'creating',
  } as const;
  const wish = { stored: prepared.stored, besides: prepared.secrets, record };
  return acceptNew(deps, databaseStore, opened, wish, also);
}

export interface UpdateRequest {
  readonly id: string;
  readonly tenantId?: string | undefined;
  readonly spec: StoredSpec['spec'];
  readonly force: boolean;
  /** Hosts that are taken as gone meanwhile. */
  readonly goneHosts?: readonly string[] | undefined;
  /** The revision the client has seen, as an entity tag or bare. */
  readonly ifMatch?: string | undefined;
}

/** Accepts a new spec of a database that may be changed now; else `database_not_modifiable` or `revision_conflict`. */
export async function acceptUpdate(deps: ServerDeps, request: UpdateRequest, also: Also): Promise<Accepted> {
  const { id, force, goneHosts } = request;
  const before = await readDatabase(deps, id);
  const prepared = await prepareUpdate(deps, id, before, request);
  await checkPlacement(deps, id, prepared.stored);
  const supersedes = await stuckTask(deps, before.record);
  if (supersedes === undefined) refuseBusy(before.record);
  refuseOldRevision(before, request.ifMatch);
  const input = { ...(force && { force }), ...(goneHosts && { goneHosts }), ...goesOnWith(prepared.stored) };
  return changeSpec(deps, before, prepared, { type: 'update', input, supersedes }, also);
}

/** A delete is accepted whatever state the database is in when forced: it then takes over from the task that runs. */
export async function acceptDelete(
  deps: ServerDeps,
  id: string,
  { force, purgeBackups }: { readonly force: boolean; readonly purgeBackups: boolean },
): Promise<TaskRecord> {
  const before = await readUnused(deps, databaseStore, id);
  if (!force) refuseBusy(before.record);
  const { openTaskId: supersedes, tenantId } = before.record;
  const input = purgeBackups ? { purgeBackups } : {};
  const opened = openTask({ entity: before.entity, type: 'delete', input, tenantId, supersedes }, deps.now());
  const left = purgeBackups ? [] : keepBackups(before, deps.now());
  return acceptEntityDelete(deps, databaseStore, before, opened, left);
}
