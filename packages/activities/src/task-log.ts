import { v7 as uuidv7 } from 'uuid';
import { keys, type Kv } from '@windlass/resources/store';

/** Appends to the log users read. Past tense and without internals; never a secret. */
export async function appendTaskLog(
  kv: Kv,
  task: { readonly databaseId: string; readonly taskId: string },
  message: string,
  fields: Record<string, unknown> = {},
): Promise<void> {
  await append(kv, keys.taskLog('database', task.databaseId, task.taskId), message, fields);
}

export interface HostTask {
  readonly hostId: string;
  readonly taskId: string;
}

/** The same for a task of a host. */
export async function appendHostTaskLog(
  kv: Kv,
  { hostId, taskId }: HostTask,
  message: string,
  fields: Record<string, unknown> = {},
): Promise<void> {
  await append(kv, keys.taskLog('host', hostId, taskId), message, fields);
}

async function append(kv: Kv, prefix: string, message: string, fields: Record<string, unknown>): Promise<void> {
  const entryId = uuidv7();
  const value = { entryId, timestamp: new Date().toISOString(), message, fields };
  await kv.commit([], [{ put: prefix + entryId, value }]);
}

/** `850ms`, `2.41s` */
export const formatDuration = (ms: number): string =>
  ms < 1000 ? `${String(Math.round(ms))}ms` : `${(ms / 1000).toFixed(2)}s`;
