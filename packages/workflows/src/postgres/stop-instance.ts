import type { DatabaseTask, NodeFacts, PlanFocus } from '@windlass/activities';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { applyPlan, rootCause } from '../core/apply-plan.ts';
import { asTask } from '../core/as-task.ts';
import { handOver, queueOf } from './hand-over.ts';
import { databaseTaskOf } from './database-task.ts';
import { sampleAll } from './sample-all.ts';
import { control } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

type StopInput = WorkflowInputs['stopInstance'];

/** Stops an instance until it is started again. A primary hands over first where a replica can take over. */
export async function stopInstance(input: StopInput): Promise<void> {
  const { databaseId, taskId, nodeName, instanceId, revision } = input;
  const task = databaseTaskOf(databaseId, taskId);
  await asTask(task, async () => {
    await control.beginOperation(task);
    const node = await control.findNode({ databaseId, nodeName });
    const note = await handOverFirst(task, instanceId, node);
    await control.setStopped({ ...task, instanceId, stopped: true, ...(note !== undefined && { note }) });
    const only: PlanFocus = { instanceId, nodeName, scope: node.scope, on: 'container' };
    const queues = node.members.map((m) => m.queue);
    const away = await sampleAll(databaseId, queues);
    const unreachable = away.filter((queue) => queue === queueOf(node, instanceId));
    const { steps } = await control.planChange({ ...task, revision, findings: [], unreachable, only });
    await applyPlan({ task, steps });
    await sampleAll(databaseId, queues);
  });
}

/** Why the primary could not hand over; undefined when it did, or had no need to. */
async function handOverFirst(task: DatabaseTask, instanceId: string, node: NodeFacts): Promise<string | undefined> {
  const others = node.members.filter((m) => m.instanceId !== instanceId && !m.stopped);
  if (node.leader !== instanceId || others.length === 0) return undefined;
  try {
    await handOver(task, node);
    return undefined;
  } catch (err) {
    const { type, message } = rootCause(err);
    if (wasCanceled(err) || type !== 'operation_refused') throw err;
    return message;
  }
}
