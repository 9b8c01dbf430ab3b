import type { WorkflowInputs } from '@windlass/resources/tasks';
import { control } from '../core/proxies.ts';
import { refreshAll } from '../core/operate.ts';
import { databaseOf } from './database-task.ts';

/** Looks at every resource of a database and says what is missing or was changed behind our back. */
export async function inspectDatabase(input: WorkflowInputs['inspectDatabase']) {
  const database = databaseOf(input.databaseId);
  const { refreshQueues } = await control.listQueues(database);
  return refreshAll(database, refreshQueues);
}
