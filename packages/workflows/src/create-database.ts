import type { WorkflowInputs } from '@windlass/resources/tasks';
import { operate } from './operate.ts';

/** Creates a database: plans every resource it needs and applies the plan. */
export async function createDatabase(input: WorkflowInputs['createDatabase']): Promise<void> {
  await operate(input);
}
