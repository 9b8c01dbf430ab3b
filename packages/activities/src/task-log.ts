import type { Kv } from '@windlass/resources/store';
import { appendLog, databaseTask, hostTask } from '@windlass/resources/tasks';

/** Appends to the log users read. Past tense and without internals; never a secret. */
export const appendTaskLog = (
  kv: Kv,
  { databaseId, taskId }: { readonly databaseId: string; readonly taskId: string },
  message: string,
  fields: Record<string, unknown> = {},
): Promise<void> => appendLog(kv, databaseTask(databaseId, taskId), message, fields);

export interface HostTask {
  readonly hostId: string;
  readonly taskId: string;
}

/** The same for a task of a host. */
export const appendHostTaskLog = (
  kv: Kv,
  { hostId, taskId }: HostTask,
  message: string,
  fields: Record<string, unknown> = {},
): Promise<void> => appendLog(kv, hostTask(hostId, taskId), message, fields);

/** `850ms`, `2.41s` */
export const formatDuration = (ms: number): string =>
  ms < 1000 ? `${String(Math.round(ms))}ms` : `${(ms / 1000).toFixed(2)}s`;
