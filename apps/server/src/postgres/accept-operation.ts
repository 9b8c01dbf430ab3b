import { openTask, ownsAtOnce, type OutboxTask, type TaskInputs, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { acceptOperation as accept, refuseOperation } from '../entities/accept-operation.ts';
import type { AlsoTask } from '../entities/accept.ts';
import { databaseStore } from './database-store.ts';
import type { StoredDatabase } from './read-database.ts';

/** What is asked of a database. */
export interface Operation<T extends OutboxTask> {
  readonly type: T;
  readonly input: TaskInputs[T];
  /** Takes over from the task that runs. */
  readonly force?: boolean;
}

/** Accepts an operation of a database that leaves spec and state as they are. */
export async function acceptOperation<T extends OutboxTask>(
  deps: ServerDeps,
  before: StoredDatabase,
  { type, input, force = false }: Operation<T>,
  also: AlsoTask,
): Promise<TaskRecord> {
  const { tenantId, openTaskId: supersedes } = before.record;
  const beside = openTask({ entity: before.entity, type, input, tenantId }, deps.now());
  const owns = ownsAtOnce(beside.task);
  refuseOperation(databaseStore, before.record, { owns, force });
  const opened = owns ? { ...beside, entry: { ...beside.entry, supersedes } } : beside;
  return accept(deps, databaseStore, before, { ...opened, owns }, also);
}
