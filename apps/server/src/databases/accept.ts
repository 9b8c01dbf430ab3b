import { randomUUID } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import { databaseRecords } from '@windlass/resources/records';
import type { StoredSpec } from '@windlass/resources/spec';
import { isTerminal, keys, type TaskRecord } from '@windlass/resources/store';
import { accept, openTask, ownedBy, traitsOf } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { cancelTask } from '../tasks/cancel-task.ts';
import { refuseBusy } from './busy.ts';
import { changeSpec, specOf, type Accepted, type Also } from './change-spec.ts';
import { checkPlacement } from './check-placement.ts';
import { keepBackups, refuseOthersBackups } from './kept-backups.ts';
import { checkRestores } from './check-restores.ts';
import { prepareSpec, prepareUpdate } from './prepare-spec.ts';
import { readDatabase, type StoredDatabase } from './read-database.ts';
import { startNow } from './start-now.ts';
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
  await refuseLeftovers(deps, id);
  await refuseOthersBackups(deps, id, request.tenant_id);
  await checkPlacement(deps, id, prepared.stored);
  const now = deps.now();
  const tenantId = request.tenant_id;
  const { task, entry } = openTask({ entity: { kind: 'database', id }, type: 'create', input: {}, tenantId }, now);
  const record = ownedBy(task, {
    id,
    ...(tenantId !== undefined && { tenantId }),
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    state: 'creating',
  });
  await forgetOldTasks(deps, id);
  const accepted = { task, record, stored: prepared.stored, revision: 0 };
  const holder = { records: databaseRecords, revision: 0, becomes: record };
  const revision = await accept(deps.kv, { task, entry, holder, also: [specOf(id, 0, prepared), also(accepted)] });
  if (revision === false) throw new DomainError('database_already_exists');
  await startNow(deps, entry);
  return { ...accepted, revision };
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
  const input = { ...(force && { force }), ...(goneHosts && { goneHosts }) };
  return changeSpec(deps, before, prepared, { type: 'update', input, supersedes }, also);
}

/** A delete is accepted whatever state the database is in when forced: it then takes over from the task that runs. */
export async function acceptDelete(
  deps: ServerDeps,
  id: string,
  { force, purgeBackups }: { readonly force: boolean; readonly purgeBackups: boolean },
): Promise<TaskRecord> {
  const before = await readDatabase(deps, id);
  if (!force) refuseBusy(before.record);
  const { openTaskId: supersedes, tenantId } = before.record;
  const input = purgeBackups ? { purgeBackups } : {};
  const request = { entity: { kind: 'database', id }, type: 'delete', input, tenantId, supersedes } as const;
  const { task, entry } = openTask(request, deps.now());
  const becomes = ownedBy(task, { ...before.record, state: 'deleting' });
  const holder = { records: databaseRecords, revision: before.recordRevision, becomes };
  const kept = { writes: purgeBackups ? [] : keepBackups(before, deps.now()) };
  const revision = await accept(deps.kv, { task, entry, holder, also: [kept] });
  if (revision === false) throw new DomainError('database_not_modifiable');
  await startNow(deps, entry);
  await cancelOthers(deps, id);
  return task;
}

/**
 * What waits for its time has nothing to wait for any more, and what runs beside the owner nothing to work on. One that is missed
 * here finds the database gone.
 */
async function cancelOthers(deps: ServerDeps, id: string): Promise<void> {
  const tasks = (await deps.kv.list(keys.tasks('database', id))).map((row) => row.value as TaskRecord);
  const waits = ({ scheduledAt, status }: TaskRecord): boolean => scheduledAt !== undefined && status === 'pending';
  const others = tasks.filter((task) => !isTerminal(task) && (waits(task) || traitsOf(task.type).lane === 'beside'));
  await Promise.all(others.map(({ taskId }) => cancelTask(deps, id, taskId).catch(() => undefined)));
}

function refuseOldRevision({ specRevision }: StoredDatabase, ifMatch: string | undefined): void {
  const tags = (ifMatch ?? '*').split(',').map((tag) => tag.trim().replace(/^W\//, '').replace(/^"|"$/g, ''));
  if (tags.includes('*') || tags.includes(String(specRevision))) return;
  const given = tags.join(', ').slice(0, 64);
  throw new DomainError('revision_conflict', `the database is at revision ${String(specRevision)}, not "${given}"`);
}

/** A host that was away when a database of this name was deleted has to remove its part first, or it would remove ours. */
async function refuseLeftovers({ kv }: ServerDeps, id: string): Promise<void> {
  const hosts = (await kv.list(keys.leftovers())).flatMap(({ key }) => {
    const [, host = '', database] = key.split('/');
    return database === id ? [host] : [];
  });
  if (hosts.length === 0) return;
  const names = hosts.map((host) => `'${host}'`).join(', ');
  throw new DomainError(
    'invalid_input',
    `id: host ${names} has not yet removed the deleted database '${id}'; wait until it answers, or use another id`,
  );
}

/** Tasks of an earlier database of this name go when the name is used again; never those of one that is there. */
async function forgetOldTasks({ kv }: ServerDeps, id: string): Promise<void> {
  const absent = [{ key: keys.database(id), revision: 0 }];
  if ((await kv.list(keys.tasks('database', id), { limit: 1 })).length === 0) return;
  const done = await kv.commit(absent, [
    { removePrefix: keys.tasks('database', id) },
    { removePrefix: keys.taskLogs('database', id) },
  ]);
  if (done === false) throw new DomainError('database_already_exists');
}
