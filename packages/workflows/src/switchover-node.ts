import type { WorkflowInputs } from '@windlass/resources/tasks';
import { asTask } from './as-task.ts';
import { awaitTurn } from './await-turn.ts';
import { handOver } from './hand-over.ts';
import { databaseTaskOf } from './postgres/database-task.ts';
import { sampleAll } from './postgres/sample-all.ts';
import { control } from './proxies.ts';

type SwitchoverInput = WorkflowInputs['switchoverNode'];

/** Hands a node over to a replica, now or at a time; writers wait about a second. */
export async function switchoverNode(input: SwitchoverInput): Promise<void> {
  const { databaseId, nodeName, candidate } = input;
  const task = databaseTaskOf(databaseId, input.taskId);
  await asTask(task, async () => {
    await awaitTurn(task, input.scheduledAt, `switch over node ${nodeName}`);
    const node = await control.findNode({ databaseId, nodeName });
    await handOver(task, node, candidate);
    await sampleAll(
      databaseId,
      node.members.map((m) => m.queue),
    );
  });
}
