import { hostEntity } from '@windlass/resources/entity';
import type { Kv } from '@windlass/resources/store';
import { appendLog, taskOf } from '@windlass/resources/tasks';
import type { OwnedInput } from './own.ts';

/** Appends to the log users read. Past tense and without internals; never a secret. */
export const appendTaskLog = (
  kv: Kv,
  { entity, taskId }: OwnedInput,
  message: string,
  fields: Record<string, unknown> = {},
): Promise<void> => appendLog(kv, taskOf(entity, taskId), message, fields);

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
): Promise<void> => appendLog(kv, taskOf(hostEntity(hostId), taskId), message, fields);

/** `850ms`, `2.41s` */
export const formatDuration = (ms: number): string =>
  ms < 1000 ? `${String(Math.round(ms))}ms` : `${(ms / 1000).toFixed(2)}s`;
