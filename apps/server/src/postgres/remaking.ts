import type { DatabaseRecord } from '@windlass/resources/postgres/records';
import type { ApiCondition, StoredSpec } from '@windlass/resources/postgres/spec';
import type { TaskInputs } from '@windlass/resources/tasks';

/** What an update has to be told of nodes that another task has begun to make anew. */
export const goesOnWith = ({ remaking }: StoredSpec): Pick<TaskInputs['update'], 'remade'> =>
  remaking ? { remade: remaking } : {};

/** Nodes that a task has removed to make them anew, and nobody brings back now. */
export function awayConditions(
  { openTaskId }: Pick<DatabaseRecord, 'openTaskId'>,
  { remaking }: StoredSpec,
): ApiCondition[] {
  if (openTaskId !== undefined || !remaking) return [];
  const message = `${remaking.join(', ')}: the task that was to bring what it removed did not come to its end; update the database`;
  return [{ type: 'node_away', message }];
}
