import { v7 as uuidv7 } from 'uuid';
import type { DatabaseRecord, KvWrite, TaskRecord } from '@windlass/resources/store';
import { endWithTask, isTerminal, keys, STATE_TASKS } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';

/** A line in the log of a task, as a write. */
export function logWrite(task: TaskRecord, now: Date, message: string, fields: Record<string, unknown>): KvWrite {
  const entryId = uuidv7();
  return {
    put: keys.taskLog(task.scope, task.entityId, task.taskId) + entryId,
    value: { entryId, timestamp: now.toISOString(), message, fields },
  };
}

/** Ends a task that no workflow will end, and gives its database back. Repeating it changes nothing. */
export async function endTask(
  { kv, now }: ServerDeps,
  task: TaskRecord,
  status: 'failed' | 'canceled',
  error?: string,
): Promise<TaskRecord> {
  const taskKey = keys.task(task.scope, task.entityId, task.taskId);
  const databaseKey = keys.database(task.entityId);
  for (;;) {
    const [stored, database, waiting] = await Promise.all([
      kv.get(taskKey),
      kv.get(databaseKey),
      kv.get(keys.outbox(task.taskId)),
    ]);
    const current = stored?.value as TaskRecord | undefined;
    if (!stored || !current || isTerminal(current)) return current ?? task;
    const ended: TaskRecord = {
      ...current,
      status,
      completedAt: now().toISOString(),
      ...(status === 'failed' && { error }),
    };
    const done = await kv.commit(
      [
        { key: taskKey, revision: stored.revision },
        { key: databaseKey, revision: database?.revision ?? 0 },
      ],
      [
        { put: taskKey, value: ended },
        { remove: keys.outbox(task.taskId) },
        ...(status === 'canceled' ? [logWrite(task, now(), 'task successfully canceled', { status })] : []),
        ...(await endWithTask(kv, ended)),
        ...givenBack(database?.value as DatabaseRecord | undefined, current, waiting === undefined),
      ],
    );
    if (done !== false) return ended;
  }
}

/** Only a task that still owns the database says what becomes of it. One that never began has changed nothing. */
function givenBack(record: DatabaseRecord | undefined, task: TaskRecord, begun: boolean): KvWrite[] {
  if (record?.openTaskId !== task.taskId) return [];
  const { stateBefore, ...others } = record;
  const untouched = begun ? undefined : stateBefore;
  const state = STATE_TASKS.has(task.type) ? (untouched ?? 'failed') : record.state;
  return [{ put: keys.database(record.id), value: { ...others, state, openTaskId: undefined } }];
}
