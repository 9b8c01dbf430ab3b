import type { WorkflowInputs } from '@windlass/resources/tasks';
import { control } from './proxies.ts';
import { refreshAll } from './operate.ts';

/** A dry run: what an update to the proposed spec would do. Changes and stores nothing. */
export async function planDatabase(input: WorkflowInputs['planDatabase']) {
  const { databaseId } = input;
  const { refreshQueues } = await control.listQueues({ databaseId });
  return control.planProposal({ ...input, ...(await refreshAll(databaseId, refreshQueues)) });
}
