import { DomainError } from '@windlass/resources/errors';
import { databaseRecords } from '@windlass/resources/records';
import type { DatabaseRecord, TaskRecord } from '@windlass/resources/store';
import { accept, openTask, ownedBy, ownsAtOnce, type OutboxTask, type TaskInputs } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { isModifiable, refuseOpenTask } from './busy.ts';
import type { Claim } from './idempotency.ts';
import type { StoredDatabase } from './read-database.ts';
import { startNow } from './start-now.ts';

/** What is asked of a database. */
export interface Operation<T extends OutboxTask> {
  readonly type: T;
  readonly input: TaskInputs[T];
  /** Takes over from the task that runs. */
  readonly force?: boolean;
}

/** What else belongs into the accepting transaction. */
export type AlsoTask = (task: TaskRecord) => Claim;

/**
 * Accepts an operation that leaves spec and state as they are. One transaction writes task, outbox and, unless it is
 * scheduled or runs beside others, the task as the owner of the database; it expects the database as it was checked. Those leave
 * the record alone: steps that run now expect it unchanged.
 */
export async function acceptOperation<T extends OutboxTask>(
  deps: ServerDeps,
  { record, recordRevision }: StoredDatabase,
  { type, input, force }: Operation<T>,
  also: AlsoTask,
): Promise<TaskRecord> {
  if (record.state === 'deleting') throw new DomainError('database_not_modifiable');
  const { id, tenantId, openTaskId: supersedes } = record;
  const request = { entity: { kind: 'database', id }, type, input, tenantId } as const;
  const beside = openTask(request, deps.now());
  const owns = ownsAtOnce(beside.task);
  if (owns && force !== true) refuseOpenTask(record);
  const { task, entry } = owns ? { ...beside, entry: { ...beside.entry, supersedes } } : beside;
  const becomes = owns ? ownedBy(task, ended(record)) : undefined;
  const holder = { records: databaseRecords, revision: recordRevision, becomes };
  const revision = await accept(deps.kv, { task, entry, holder, also: [also(task)] });
  if (revision === false) throw new DomainError('operation_already_in_progress');
  await startNow(deps, entry);
  return task;
}

/** A change that is taken over from has failed, as one that is canceled has. */
const ended = (record: DatabaseRecord): DatabaseRecord => ({
  ...record,
  state: isModifiable(record) ? record.state : 'failed',
});
