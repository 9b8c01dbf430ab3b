import type { WorkflowInputs } from '@windlass/resources/tasks';
import { asTask } from '../core/as-task.ts';
import { awaitTurn } from '../core/await-turn.ts';
import { handOver } from './hand-over.ts';
import { databaseTaskOf } from './database-task.ts';
import { sampleAll } from './sample-all.ts';
import { control } from '../core/proxies.ts';

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
