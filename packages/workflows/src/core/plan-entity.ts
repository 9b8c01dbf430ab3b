import type { WorkflowInputs } from '@windlass/resources/tasks';
import { control } from './proxies.ts';
import { refreshAll } from './operate.ts';

/** A dry run: what the proposed spec would do. Changes and stores nothing. By what else it is told the entity is passed on. */
export async function planEntity({ proposalId, ...about }: WorkflowInputs['planEntity']) {
  const { refreshQueues } = await control.listQueues(about);
  return control.planProposal({ ...about, proposalId, ...(await refreshAll(about, refreshQueues)) });
}
