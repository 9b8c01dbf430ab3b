import type { PlanFocus } from '@windlass/activities';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { applyPlan } from '../core/apply-plan.ts';
import { asTask } from '../core/as-task.ts';
import { refreshAll } from '../core/operate.ts';
import { databaseTaskOf } from './database-task.ts';
import { sampleAll } from './sample-all.ts';
import { control } from '../core/proxies.ts';

/** Starts an instance and waits until it does its part; what could not be done to it while it was stopped is done now. */
export async function startInstance(input: WorkflowInputs['startInstance']): Promise<void> {
  const { databaseId, taskId, nodeName, instanceId, revision } = input;
  const task = databaseTaskOf(databaseId, taskId);
  await asTask(task, async () => {
    const { refreshQueues } = await control.beginTask(task);
    const node = await control.findNode({ databaseId, nodeName });
    await control.setStopped({ ...task, instanceId, stopped: false });
    const look = await refreshAll(task, refreshQueues);
    const only: PlanFocus = { instanceId, nodeName, scope: node.scope, on: 'node' };
    const { steps } = await control.planChange({ ...task, revision, ...look, only });
    await applyPlan({ task, steps });
    await sampleAll(
      databaseId,
      node.members.map((m) => m.queue),
    );
  });
}
