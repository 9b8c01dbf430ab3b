import type { WorkflowInputs } from '@windlass/resources/tasks';
import { reconcileDatabase } from './reconcile-database.ts';

/** Has every instance run another image of its major version, one after another: replicas first, the primary hands over. */
export async function upgradeDatabase(input: WorkflowInputs['upgradeDatabase']): Promise<void> {
  await reconcileDatabase(input);
}
