import { DomainError } from '@windlass/resources/errors';
import { keys, type DatabaseRecord, type TaskRecord } from '@windlass/resources/store';
import { ownsAtOnce, type OutboxTask } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { newTask } from '../tasks/open-task.ts';
import type { OperationFacts } from '../tasks/workflow-start.ts';
import { isModifiable, refuseOpenTask } from './busy.ts';
import type { Claim } from './idempotency.ts';
import type { StoredDatabase } from './read-database.ts';
import { startNow } from './start-now.ts';

export interface Operation extends OperationFacts {
  readonly type: OutboxTask;
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
export async function acceptOperation(
  deps: ServerDeps,
  { record, recordRevision }: StoredDatabase,
  operation: Operation,
  also: AlsoTask,
): Promise<TaskRecord> {
  const { force, ...facts } = operation;
  const owns = ownsAtOnce(operation);
  if (record.state === 'deleting') throw new DomainError('database_not_modifiable');
  if (owns && force !== true) refuseOpenTask(record);
  const supersedes = owns ? record.openTaskId : undefined;
  const draft = {
    ...facts,
    databaseId: record.id,
    tenantId: record.tenantId,
    ...(supersedes !== undefined && { supersedes }),
  };
  const { task, writes, entry } = newTask(draft, deps.now());
  const claim = also(task);
  const revision = await deps.kv.commit(
    [{ key: keys.database(record.id), revision: recordRevision }, ...claim.expect],
    [...(owns ? [{ put: keys.database(record.id), value: owned(record, task) }] : []), ...writes, ...claim.writes],
  );
  if (revision === false) throw new DomainError('operation_already_in_progress');
  await startNow(deps, entry);
  return task;
}

/** A change that is taken over from has failed, as one that is canceled has. */
const owned = (record: DatabaseRecord, task: TaskRecord): DatabaseRecord => ({
  ...record,
  state: isModifiable(record) ? record.state : 'failed',
  openTaskId: task.taskId,
});
