import type { NodeFacts } from '@windlass/activities';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { applyPlan, rootCause } from './apply-plan.ts';
import { asTask } from './as-task.ts';
import { handOver, queueOf } from './hand-over.ts';
import { sampleAll } from './operate.ts';
import { control } from './proxies.ts';
import { wasCanceled } from './was-canceled.ts';

type StopInput = WorkflowInputs['stopInstance'];

/** Stops an instance until it is started again. A primary hands over first where a replica can take over. */
export async function stopInstance(input: StopInput): Promise<void> {
  const { databaseId, taskId, nodeName, instanceId, revision } = input;
  await asTask(input, async () => {
    await control.beginOperation({ databaseId, taskId });
    const node = await control.findNode({ databaseId, nodeName });
    const note = await handOverFirst(input, node);
    await control.setStopped({ databaseId, taskId, instanceId, stopped: true, ...(note !== undefined && { note }) });
    const only = { instanceId, nodeName, scope: node.scope, on: 'container' as const };
    const queues = node.members.map((m) => m.queue);
    const away = await sampleAll(databaseId, queues);
    const unreachable = away.filter((queue) => queue === queueOf(node, instanceId));
    const { steps } = await control.planChange({ databaseId, taskId, revision, findings: [], unreachable, only });
    await applyPlan({ databaseId, taskId, steps });
    await sampleAll(databaseId, queues);
  });
}

/** Why the primary could not hand over; undefined when it did, or had no need to. */
async function handOverFirst(input: StopInput, node: NodeFacts): Promise<string | undefined> {
  const others = node.members.filter((m) => m.instanceId !== input.instanceId && !m.stopped);
  if (node.leader !== input.instanceId || others.length === 0) return undefined;
  try {
    await handOver(input, node);
    return undefined;
  } catch (err) {
    const { type, message } = rootCause(err);
    if (wasCanceled(err) || type !== 'operation_refused') throw err;
    return message;
  }
}
