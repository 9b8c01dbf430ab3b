import { v7 as uuidv7 } from 'uuid';
import { DomainError } from '@windlass/resources/errors';
import type { TaskRecord } from '@windlass/resources/store';
import { keys } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { failTask } from './end-task.ts';

/** Asks a task to stop. One whose workflow never started is canceled at once; a running one undoes nothing and ends at a whole step. */
export async function cancelTask(deps: ServerDeps, databaseId: string, taskId: string): Promise<TaskRecord> {
  const { kv, temporal } = deps;
  const key = keys.task('database', databaseId, taskId);
  for (;;) {
    const found = await kv.get(key);
    const task = found?.value as TaskRecord | undefined;
    if (!found || !task) throw new DomainError('invalid_input', 'task is not associated with database ');
    if (task.status !== 'pending' && task.status !== 'running') {
      throw new DomainError('invalid_input', 'task must be running or pending to be cancelled');
    }
    const canceling: TaskRecord = { ...task, status: 'canceling' };
    if ((await kv.commit([{ key, revision: found.revision }], [{ put: key, value: canceling }])) === false) continue;
    const entryId = uuidv7();
    const entry = {
      entryId,
      timestamp: deps.now().toISOString(),
      message: 'task is canceling',
      fields: { status: 'canceling' },
    };
    await kv.commit([], [{ put: keys.taskLog('database', databaseId, taskId) + entryId, value: entry }]);
    if ((await temporal.cancel(task.workflowId)) === 'not_running') await failTask(deps, canceling, 'canceled');
    return canceling;
  }
}
