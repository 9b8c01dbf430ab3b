import type { WorkflowInputs } from '@windlass/resources/tasks';
import { control } from '../core/proxies.ts';
import { refreshAll } from '../core/operate.ts';
import { databaseOf } from './database-task.ts';

/** A dry run: what an update to the proposed spec would do. Changes and stores nothing. */
export async function planDatabase(input: WorkflowInputs['planDatabase']) {
  const database = databaseOf(input.databaseId);
  const { refreshQueues } = await control.listQueues(database);
  return control.planProposal({ ...input, ...database, ...(await refreshAll(database, refreshQueues)) });
}
