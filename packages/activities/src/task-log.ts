import { v7 as uuidv7 } from 'uuid';
import type { Kv } from '@windlass/resources/store';

/** Appends to the log users read. Past tense and without internals; never a secret. */
export async function appendTaskLog(
  kv: Kv,
  task: { readonly databaseId: string; readonly taskId: string },
  message: string,
  fields: Record<string, unknown> = {},
): Promise<void> {
  const entryId = uuidv7();
  const key = `task-logs/database/${task.databaseId}/${task.taskId}/${entryId}`;
  await kv.commit([], [{ put: key, value: { entryId, timestamp: new Date().toISOString(), message, fields } }]);
}

/** `850ms`, `2.41s` */
export const formatDuration = (ms: number): string =>
  ms < 1000 ? `${String(Math.round(ms))}ms` : `${(ms / 1000).toFixed(2)}s`;
