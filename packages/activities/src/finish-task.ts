import type { DatabaseRecord, KvWrite, TaskRecord } from '@windlass/resources/store';
import type { ActivityDeps } from './deps.ts';
import { appendTaskLog } from './task-log.ts';

export interface FinishTaskInput {
  readonly databaseId: string;
  readonly taskId: string;
  readonly outcome: 'completed' | 'failed' | 'canceled';
  readonly error?: string;
}

/** Records how the task ended and what that means for the database, in one transaction. Repeating it changes nothing. */
export function finishTask({ kv }: ActivityDeps) {
  return async function finishTask(input: FinishTaskInput): Promise<void> {
    const { databaseId, taskId, outcome } = input;
    const taskKey = `tasks/database/${databaseId}/${taskId}`;
    const databaseKey = `databases/${databaseId}`;
    if (outcome === 'canceled') {
      await appendTaskLog(kv, input, 'task successfully canceled', { status: 'canceled' });
    }
    for (;;) {
      const [task, database] = await Promise.all([kv.get(taskKey), kv.get(databaseKey)]);
      if (!task || isTerminal(task.value as TaskRecord)) return;
      const record = database?.value as DatabaseRecord | undefined;
      const owned = record?.openTaskId === taskId ? record : undefined;
      const writes: KvWrite[] = [
        { put: taskKey, value: ended(task.value as TaskRecord, input) },
        { remove: `outbox/${taskId}` },
        ...(owned ? databaseWrites(owned, task.value as TaskRecord, input) : []),
      ];
      const expect = [
        { key: taskKey, revision: task.revision },
        { key: databaseKey, revision: database?.revision ?? 0 },
      ];
      if ((await kv.commit(expect, writes)) !== false) return;
    }
  };
}

const isTerminal = (task: TaskRecord): boolean => ['completed', 'failed', 'canceled'].includes(task.status);

function ended(task: TaskRecord, { outcome, error }: FinishTaskInput): TaskRecord {
  return { ...task, status: outcome, completedAt: new Date().toISOString(), ...(error !== undefined && { error }) };
}

function databaseWrites(record: DatabaseRecord, task: TaskRecord, { outcome }: FinishTaskInput): KvWrite[] {
  if (task.type === 'delete' && outcome === 'completed') return forget(record.id);
  const state = outcome === 'completed' ? 'available' : 'failed';
  return [{ put: `databases/${record.id}`, value: { ...record, state, openTaskId: undefined } }];
}

/** Everything kept about a database but its tasks and their logs, which outlive it. */
function forget(databaseId: string): KvWrite[] {
  return [
    { remove: `databases/${databaseId}` },
    { remove: `specs/${databaseId}` },
    { removePrefix: `resources/${databaseId}/` },
    { removePrefix: `instance-status/${databaseId}/` },
    { removePrefix: `secrets/database/${databaseId}/` },
    { removePrefix: `plans/${databaseId}/` },
  ];
}
