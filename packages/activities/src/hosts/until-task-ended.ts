import type { Kv } from '@windlass/resources/store';
import { isTerminal, taskRecords, type TaskRecord, type TaskRef } from '@windlass/resources/tasks';

/** A change that a watch lost is seen this much later. */
const LOOK_AGAIN_MS = 2000;

/** How a task ended. */
export type Ended = Pick<TaskRecord, 'status' | 'error'>;

/** Waits until a task that somebody else does has ended. Rejects when `signal` is aborted. */
export async function untilTaskEnded(
  kv: Kv,
  { scope, entityId, taskId }: TaskRef,
  signal: AbortSignal,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let watch: { close(): Promise<void> } | undefined;
    let ended = false;
    const end = (settle: () => void): void => {
      ended = true;
      clearInterval(timer);
      void watch?.close();
      settle();
    };
    const look = (): void =>
      void taskRecords.get(kv, scope, entityId, taskId).then(
        (found) => {
          const task = found?.value;
          if (!task) end(() => resolve({ status: 'failed', error: 'its task is gone' }));
          else if (isTerminal(task)) end(() => resolve(task));
        },
        () => undefined,
      );
    const timer = setInterval(look, LOOK_AGAIN_MS);
    const abort = (): void => end(() => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void kv.watch(taskRecords.key(scope, entityId, taskId), look, look).then(
      (opened) => {
        watch = opened;
        if (ended) void opened.close();
        else look();
      },
      () => undefined,
    );
  });
}
