import { taskRecords } from '@windlass/resources/tasks';
import type { ActivityDeps } from '../core/deps.ts';
import type { DatabaseTask } from './database-task.ts';

/** Says in the task at which instance its work is done. */
export function noteInstance({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function noteInstance(input: DatabaseTask & { readonly instanceId: string }): Promise<void> {
    const { entity, taskId, instanceId } = input;
    await taskRecords.change(kv, [entity.kind, entity.id, taskId], (task) => ({ ...task, instanceId }));
  };
}
