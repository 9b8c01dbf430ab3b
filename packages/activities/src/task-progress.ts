import type { Kv, TaskRecord } from '@windlass/resources/store';

/** Progress is written at most this often. */
const EVERY_MS = 1000;

export interface Bytes {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** Shows in the task how many bytes are done. What cannot be written now is written next time; the `last` word is written at once. */
export function createTaskProgress(kv: Kv, task: { readonly databaseId: string; readonly taskId: string }) {
  const key = `tasks/database/${task.databaseId}/${task.taskId}`;
  let due = 0;
  return async function show(progress: Bytes, last = false): Promise<void> {
    if (Date.now() < due && !last) return;
    due = Date.now() + EVERY_MS;
    const found = await kv.get(key);
    const record = found?.value as TaskRecord | undefined;
    if (!found || record?.status !== 'running') return;
    const done = await kv.commit([{ key, revision: found.revision }], [{ put: key, value: { ...record, progress } }]);
    if (done === false && last) await show(progress, true);
  };
}
