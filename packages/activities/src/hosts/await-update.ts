import { databaseEntity } from '@windlass/resources/entity';
import type { Kv } from '@windlass/resources/store';
import { taskOf, taskRecords, isTerminal, type TaskRef, type TaskRecord } from '@windlass/resources/tasks';
import type { ActivityDeps } from '../core/deps.ts';
import { withHeartbeat } from '../core/current-run.ts';
import { appendHostTaskLog, type HostTask } from '../core/task-log.ts';

export interface AwaitUpdateInput extends HostTask {
  readonly update: { readonly databaseId: string; readonly taskId: string };
}

/** A change that a watch lost is seen this much later. */
const LOOK_AGAIN_MS = 2000;

/** Waits until the update that takes a host out of one database has ended, and says how. */
export function awaitUpdate({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function awaitUpdate(input: AwaitUpdateInput): Promise<{ failed?: string }> {
    const { databaseId, taskId } = input.update;
    await appendHostTaskLog(kv, input, `removing host from database '${databaseId}'`);
    const ended = await withHeartbeat(({ signal }) =>
      untilEnded(kv, taskOf(databaseEntity(databaseId), taskId), signal),
    );
    if (ended.status === 'completed') {
      await appendHostTaskLog(kv, input, `successfully removing host from database '${databaseId}'`);
      return {};
    }
    const error = ended.error ?? `its task is ${ended.status}`;
    await appendHostTaskLog(kv, input, `failed to update database '${databaseId}'`, { error });
    return { failed: `database '${databaseId}': ${error}` };
  };
}

type Ended = Pick<TaskRecord, 'status' | 'error'>;

async function untilEnded(kv: Kv, { scope, entityId, taskId }: TaskRef, signal: AbortSignal): Promise<Ended> {
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
