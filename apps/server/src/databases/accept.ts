import { createHash, randomUUID } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import { keys, type DatabaseRecord, type KvWrite, type TaskRecord } from '@windlass/resources/store';
import type { StoredSpec } from '@windlass/resources/spec';
import type { ServerDeps } from '../deps.ts';
import { newTask, startTask, type OutboxEntry } from '../tasks/open-task.ts';
import { prepareSpec, prepareUpdate, type PreparedSpec } from './prepare-spec.ts';
import { checkPlacement } from './check-placement.ts';

export interface Accepted {
  readonly task: TaskRecord;
  readonly record: DatabaseRecord;
  readonly stored: StoredSpec;
  readonly revision: number;
}

const MODIFIABLE = new Set(['available', 'degraded', 'failed', 'unknown']);

/** Accepts a new database: one transaction writes record, spec, verifiers, task and outbox. Then the workflow is started. */
export async function acceptCreate(
  deps: ServerDeps,
  request: { id?: string | undefined; tenant_id?: string | undefined; spec: StoredSpec['spec'] },
): Promise<Accepted> {
  const id = request.id ?? randomUUID();
  const prepared = await prepareSpec(deps, id, request.spec);
  await checkPlacement(deps, id, prepared.stored);
  const existing = await deps.kv.get(keys.database(id));
  if (existing) throw new DomainError('database_already_exists');
  const now = deps.now();
  const { task, writes, entry } = newTask({ databaseId: id, type: 'create', tenantId: request.tenant_id }, now);
  const record: DatabaseRecord = {
    id,
    ...(request.tenant_id !== undefined && { tenantId: request.tenant_id }),
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    state: 'creating',
    openTaskId: task.taskId,
  };
  await forgetOldTasks(deps, id);
  const revision = await deps.kv.commit(
    [
      { key: keys.database(id), revision: 0 },
      { key: keys.spec(id), revision: 0 },
    ],
    [{ put: keys.database(id), value: record }, ...specWrites(id, prepared), ...writes],
  );
  if (revision === false) throw new DomainError('database_already_exists');
  await startNow(deps, entry);
  return { task, record, stored: prepared.stored, revision };
}

export interface UpdateRequest {
  readonly id: string;
  readonly tenantId?: string | undefined;
  readonly spec: StoredSpec['spec'];
  readonly force: boolean;
  readonly ifMatch?: string | undefined;
}

export async function acceptUpdate(deps: ServerDeps, request: UpdateRequest): Promise<Accepted> {
  const { id } = request;
  const before = await readDatabase(deps, id);
  const prepared = await prepareUpdate(deps, id, before, request);
  await checkPlacement(deps, id, prepared.stored);
  if (before.record.openTaskId !== undefined || !MODIFIABLE.has(before.record.state))
    throw new DomainError('database_not_modifiable');
  if (request.ifMatch !== undefined && unquote(request.ifMatch) !== String(before.specRevision)) {
    throw new DomainError(
      'revision_conflict',
      `the database is at revision ${String(before.specRevision)}, not ${unquote(request.ifMatch)}`,
    );
  }
  const now = deps.now();
  const { task, writes, entry } = newTask(
    { databaseId: id, type: 'update', tenantId: before.record.tenantId, force: request.force },
    now,
  );
  const record: DatabaseRecord = {
    ...before.record,
    state: 'modifying',
    updatedAt: now.toISOString(),
    openTaskId: task.taskId,
  };
  const revision = await deps.kv.commit(
    [
      { key: keys.database(id), revision: before.recordRevision },
      { key: keys.spec(id), revision: before.specRevision },
    ],
    [{ put: keys.database(id), value: record }, ...specWrites(id, prepared), ...writes],
  );
  if (revision === false) throw new DomainError('database_not_modifiable');
  await startNow(deps, entry);
  return { task, record, stored: prepared.stored, revision };
}

/** A delete is accepted whatever state the database is in when forced: it then takes over from the task that runs. */
export async function acceptDelete(deps: ServerDeps, id: string, force: boolean): Promise<TaskRecord> {
  const before = await readDatabase(deps, id);
  const busy = before.record.openTaskId !== undefined || !MODIFIABLE.has(before.record.state);
  if (busy && !force) throw new DomainError('database_not_modifiable');
  const { openTaskId: supersedes, tenantId } = before.record;
  const { task, writes, entry } = newTask({ databaseId: id, type: 'delete', tenantId, supersedes }, deps.now());
  const record: DatabaseRecord = { ...before.record, state: 'deleting', openTaskId: task.taskId };
  const revision = await deps.kv.commit(
    [{ key: keys.database(id), revision: before.recordRevision }],
    [{ put: keys.database(id), value: record }, ...writes],
  );
  if (revision === false) throw new DomainError('database_not_modifiable');
  await startNow(deps, entry);
  return task;
}

export interface StoredDatabase {
  readonly record: DatabaseRecord;
  readonly recordRevision: number;
  readonly stored: StoredSpec;
  readonly specRevision: number;
}

export async function readDatabase({ kv }: Pick<ServerDeps, 'kv'>, id: string): Promise<StoredDatabase> {
  const [record, spec] = await Promise.all([kv.get(keys.database(id)), kv.get(keys.spec(id))]);
  if (!record || !spec) throw new DomainError('not_found', 'database not found');
  return {
    record: record.value as DatabaseRecord,
    recordRevision: record.revision,
    stored: spec.value as StoredSpec,
    specRevision: spec.revision,
  };
}

function specWrites(id: string, { stored, secrets }: PreparedSpec): KvWrite[] {
  return [
    { put: keys.spec(id), value: stored },
    ...secrets.map((s) => ({ put: keys.secret(s.name), value: s.sealed })),
  ];
}

/** Tasks of an earlier database of this name go when the name is used again. */
async function forgetOldTasks({ kv }: ServerDeps, id: string): Promise<void> {
  if (await kv.get(keys.database(id))) return;
  await kv.commit([], [{ removePrefix: keys.tasks('database', id) }, { removePrefix: keys.taskLogs('database', id) }]);
}

/** Accepted is accepted: when the workflow cannot be started now, the sweeper starts it from the outbox. */
async function startNow(deps: ServerDeps, entry: OutboxEntry): Promise<void> {
  await startTask(deps, entry).catch(() => undefined);
}

const unquote = (etag: string): string => etag.trim().replace(/^W\//, '').replace(/^"|"$/g, '');

export const bodyDigest = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest('hex');
