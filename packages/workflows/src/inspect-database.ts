import type { WorkflowInputs } from '@windlass/resources/tasks';
import { control } from './proxies.ts';
import { refreshAll } from './operate.ts';

/** Looks at every resource of a database and says what is missing or was changed behind our back. */
export async function inspectDatabase(input: WorkflowInputs['inspectDatabase']) {
  const { refreshQueues } = await control.listQueues(input);
  return refreshAll(input.databaseId, refreshQueues);
}
