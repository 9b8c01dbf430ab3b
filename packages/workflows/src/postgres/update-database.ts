import type { WorkflowInputs } from '@windlass/resources/tasks';
import { reconcileDatabase } from './reconcile-database.ts';

/** Brings a database to the spec stored at `revision`; runs only what changed. */
export async function updateDatabase(input: WorkflowInputs['updateDatabase']): Promise<void> {
  await reconcileDatabase(input);
}
