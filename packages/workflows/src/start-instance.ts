import type { WorkflowInputs } from '@windlass/resources/tasks';
import { applyPlan } from './apply-plan.ts';
import { asTask } from './as-task.ts';
import { refreshAll, sampleAll } from './operate.ts';
import { control } from './proxies.ts';

/** Starts an instance and waits until it does its part; what could not be done to it while it was stopped is done now. */
export async function startInstance(input: WorkflowInputs['startInstance']): Promise<void> {
  const { databaseId, taskId, nodeName, instanceId, revision } = input;
  await asTask(input, async () => {
    const { refreshQueues } = await control.beginTask({ databaseId, taskId });
    const node = await control.findNode({ databaseId, nodeName });
    await control.setStopped({ databaseId, taskId, instanceId, stopped: false });
    const look = await refreshAll(databaseId, refreshQueues, taskId);
    const only = { instanceId, nodeName, scope: node.scope, on: 'node' as const };
    const { steps } = await control.planChange({ databaseId, taskId, revision, ...look, only });
    await applyPlan({ databaseId, taskId, steps });
    await sampleAll(
      databaseId,
      node.members.map((m) => m.queue),
    );
  });
}
