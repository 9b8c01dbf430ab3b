import { databaseEntity } from '@windlass/resources/entity';
import { taskOf } from '@windlass/resources/tasks';
import type { ActivityDeps } from '../core/deps.ts';
import { withHeartbeat } from '../core/current-run.ts';
import { appendHostTaskLog, type HostTask } from '../core/task-log.ts';
import { untilTaskEnded } from './until-task-ended.ts';

export interface AwaitUpdateInput extends HostTask {
  readonly update: { readonly databaseId: string; readonly taskId: string };
}

/** Waits until the update that takes a host out of one database has ended, and says how. */
export function awaitUpdate({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function awaitUpdate(input: AwaitUpdateInput): Promise<{ failed?: string }> {
    const { databaseId, taskId } = input.update;
    await appendHostTaskLog(kv, input, `removing host from database '${databaseId}'`);
    const ended = await withHeartbeat(({ signal }) =>
      untilTaskEnded(kv, taskOf(databaseEntity(databaseId), taskId), signal),
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
