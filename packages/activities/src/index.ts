import { applyStep } from './apply-step.ts';
import { beginTask } from './begin-task.ts';
import type { ActivityDeps } from './deps.ts';
import { finishTask } from './finish-task.ts';
import { placeStep } from './place-step.ts';
import { planChange, planProposal } from './plan-change.ts';
import { refreshHost } from './refresh-host.ts';
import { listQueues } from './list-queues.ts';
import { sampleInstances } from './sample-instances.ts';
import { validateHost } from './validate-host.ts';

/** Every activity a workflow may call. The names are what Temporal's UI shows. */
export const createActivities = (deps: ActivityDeps) => ({
  beginTask: beginTask(deps),
  refreshHost: refreshHost(deps),
  planChange: planChange(deps),
  planProposal: planProposal(deps),
  placeStep: placeStep(deps),
  applyStep: applyStep(deps),
  sampleInstances: sampleInstances(deps),
  finishTask: finishTask(deps),
  listQueues: listQueues(deps),
  validateHost: validateHost(deps),
});
export type Activities = ReturnType<typeof createActivities>;
export type { ActivityDeps } from './deps.ts';
export type { PlacedStep } from './plan-change.ts';
export { CONTROL_QUEUE, hostQueue } from './placement.ts';
