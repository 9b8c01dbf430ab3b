import type { WorkflowInputs } from '@windlass/resources/tasks';
import { control } from './proxies.ts';
import { refreshAll } from './operate.ts';

/** Looks at every resource of an entity and says what is missing or was changed behind our back. */
export async function inspectEntity(about: WorkflowInputs['inspectEntity']) {
  const { refreshQueues } = await control.listQueues(about);
  return refreshAll(about, refreshQueues);
}
