import type { TaskRecord } from '@windlass/resources/store';
import { ownsAtOnce, type OutboxTask } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { acceptOperation as accept, refuseOperation } from '../entities/accept-operation.ts';
import type { AlsoTask } from '../entities/accept.ts';
import { newTask } from '../tasks/open-task.ts';
import type { OperationFacts } from '../tasks/workflow-start.ts';
import { databaseStore } from './database-store.ts';
import type { StoredDatabase } from './read-database.ts';

export interface Operation extends OperationFacts {
  readonly type: OutboxTask;
  /** Takes over from the task that runs. */
  readonly force?: boolean;
}

/** Accepts an operation of a database that leaves spec and state as they are. */
export async function acceptOperation(
  deps: ServerDeps,
  before: StoredDatabase,
  operation: Operation,
  also: AlsoTask,
): Promise<TaskRecord> {
  const { force = false, ...facts } = operation;
  const { id, tenantId, openTaskId } = before.record;
  const owns = ownsAtOnce(operation);
  refuseOperation(databaseStore, before.record, { owns, force });
  const supersedes = owns && openTaskId !== undefined ? { supersedes: openTaskId } : {};
  const opened = newTask({ ...facts, databaseId: id, tenantId, ...supersedes }, deps.now());
  return accept(deps, databaseStore, before, { ...opened, owns }, also);
}
