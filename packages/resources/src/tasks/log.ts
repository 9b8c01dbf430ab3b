import { v7 as uuidv7 } from 'uuid';
import type { Kv, KvWrite } from '../store/kv.ts';
import { taskLogEntries, type TaskLogEntry } from './records.ts';
import type { TaskRef } from './task-ref.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A line in the log users read, as a write of the transaction it tells of. Past tense and without internals; never a secret. */
export function logWrite({ scope, entityId, taskId }: TaskRef, message: string, fields: Fields, now: Date): KvWrite {
  const entryId = uuidv7();
  const value: TaskLogEntry = { entryId, timestamp: now.toISOString(), message, fields };
  return taskLogEntries.put(value, scope, entityId, taskId, entryId);
}

/** The same, written at once. */
export async function appendLog(kv: Kv, task: TaskRef, message: string, fields: Fields = {}): Promise<void> {
  await kv.commit([], [logWrite(task, message, fields, new Date())]);
}
