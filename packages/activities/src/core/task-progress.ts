import type { Kv } from '@windlass/resources/store';
import { taskRecords } from '@windlass/resources/tasks';
import type { OwnedInput } from './own.ts';

/** Progress is written at most this often. */
const EVERY_MS = 1000;

export interface Bytes {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** Shows in the task how many bytes are done. The `last` word is written at once. */
export function createTaskProgress(kv: Kv, { entity, taskId }: OwnedInput) {
  let due = 0;
  return async function show(progress: Bytes, last = false): Promise<void> {
    if (Date.now() < due && !last) return;
    due = Date.now() + EVERY_MS;
    await taskRecords.change(kv, [entity.kind, entity.id, taskId], (task) =>
      task.status === 'running' ? { ...task, progress } : undefined,
    );
  };
}
