import { DomainError } from '@windlass/resources/errors';
import { databaseRecords, type DatabaseRecord } from '@windlass/resources/postgres/records';
import type { ActivityDeps } from '../core/deps.ts';
import type { DatabaseTask } from './database-task.ts';
import { appendTaskLog } from '../core/task-log.ts';

export interface SetStoppedInput extends DatabaseTask {
  readonly instanceId: string;
  readonly stopped: boolean;
  /** Why something that was to come first was left out. */
  readonly note?: string;
}

/** Stores whether an instance is to stay stopped. From here on updates and repairs keep to it. */
export function setStopped({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function setStopped(input: SetStoppedInput): Promise<void> {
    const { databaseId, taskId, instanceId, stopped, note } = input;
    const kept = await databaseRecords.change(kv, [databaseId], (record) =>
      record.openTaskId === taskId ? noted(record, input) : undefined,
    );
    if (kept?.openTaskId !== taskId)
      throw new DomainError('stale_task', `task '${taskId}' no longer owns '${databaseId}'`);
    if (note !== undefined) await appendTaskLog(kv, input, `did not hand over first: ${note}`);
    const wish = stopped ? 'to stay stopped until it is started' : 'to run';
    await appendTaskLog(kv, input, `recorded that '${instanceId}' is ${wish}`, { instance_id: instanceId });
  };
}

function noted(record: DatabaseRecord, { instanceId, stopped }: SetStoppedInput): DatabaseRecord {
  const others = (record.stoppedInstances ?? []).filter((id) => id !== instanceId);
  const ids = stopped ? [...others, instanceId].sort() : others;
  return { ...record, stoppedInstances: ids.length > 0 ? ids : undefined };
}
