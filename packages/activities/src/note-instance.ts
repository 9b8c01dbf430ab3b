import type { TaskRecord } from '@windlass/resources/store';
import type { ActivityDeps } from './deps.ts';

/** Says in the task at which instance its work is done. */
export function noteInstance({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function noteInstance(input: {
    readonly databaseId: string;
    readonly taskId: string;
    readonly instanceId: string;
  }): Promise<void> {
    const key = `tasks/database/${input.databaseId}/${input.taskId}`;
    for (;;) {
      const found = await kv.get(key);
      if (!found) return;
      const value = { ...(found.value as TaskRecord), instanceId: input.instanceId };
      if ((await kv.commit([{ key, revision: found.revision }], [{ put: key, value }])) !== false) return;
    }
  };
}
