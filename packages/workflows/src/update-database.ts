import type { WorkflowInputs } from '@windlass/resources/tasks';
import { operate } from './operate.ts';

/** Brings a database to the spec stored at `revision`; runs only what changed. */
export async function updateDatabase(input: WorkflowInputs['updateDatabase']): Promise<void> {
  await operate(input);
}
