import type { WorkflowInputs } from '@windlass/resources/tasks';
import { reconcileDatabase } from './reconcile-database.ts';

/** Creates a database: plans every resource it needs and applies the plan. */
export async function createDatabase(input: WorkflowInputs['createDatabase']): Promise<void> {
  await reconcileDatabase(input);
}
