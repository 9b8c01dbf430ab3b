import { DomainError } from '@windlass/resources/errors';
import { databaseRecords, databaseSpecs } from '@windlass/resources/postgres/records';
import { remadeNodes, remakingNodes, type StoredSpec } from '@windlass/resources/postgres/spec';
import type { ActivityDeps } from '../core/deps.ts';
import { appendTaskLog } from '../core/task-log.ts';
import type { DatabaseTask } from './database-task.ts';

export interface RemakeInput extends DatabaseTask {
  /** Names of the nodes. */
  readonly nodes: readonly string[];
  /** `begin`: from here on they are removed. `gone`: they are, and come back as copies. */
  readonly phase: 'begin' | 'gone';
}

const PHASES: Readonly<Record<RemakeInput['phase'], (stored: StoredSpec, nodes: readonly string[]) => StoredSpec>> = {
  begin: remakingNodes,
  gone: remadeNodes,
};
const TOLD: Readonly<Record<RemakeInput['phase'], string>> = {
  begin: 'removed, to be made anew',
  gone: 'made anew as copies of what stayed',
};

/** Notes in what is declared how far the making anew of nodes is: whatever becomes of the task, the next one knows. Gives the revision of the spec. */
export function remakeNodes({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function remakeNodes(input: RemakeInput): Promise<{ revision: number }> {
    const { databaseId, taskId, nodes, phase } = input;
    for (;;) {
      const [record, found] = await Promise.all([
        databaseRecords.get(kv, databaseId),
        databaseSpecs.get(kv, databaseId),
      ]);
      if (record?.value.openTaskId !== taskId || !found)
        throw new DomainError('stale_task', `task '${taskId}' no longer owns '${databaseId}'`);
      const { value: stored, revision } = found;
      const { remaking = [] } = stored;
      const isDone = phase === 'begin' ? nodes.every((name) => remaking.includes(name)) : remaking.length === 0;
      if (isDone) return { revision };
      const done = await kv.commit(
        [
          { key: databaseRecords.key(databaseId), revision: record.revision },
          { key: databaseSpecs.key(databaseId), revision },
        ],
        [databaseSpecs.put(PHASES[phase](stored, nodes), databaseId)],
      );
      if (done === false) continue;
      await appendTaskLog(kv, input, `nodes ${nodes.join(', ')} are ${TOLD[phase]}`);
      return { revision: done };
    }
  };
}
