import { ApplicationFailure } from '@temporalio/workflow';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { asTask } from '../core/as-task.ts';
import { awaitTurn } from '../core/await-turn.ts';
import { carryThrough } from '../core/carry-through.ts';
import { databaseTaskOf } from './database-task.ts';
import { sampleAll } from './sample-all.ts';
import { control, moveOn } from '../core/proxies.ts';

type RestartInput = WorkflowInputs['restartInstance'];

/** Restarts Postgres of one instance, now or at a time. A cancel ends the wait, not the restart, which Patroni carries through. */
export async function restartInstance(input: RestartInput): Promise<void> {
  const { databaseId, taskId, nodeName, instanceId } = input;
  const task = databaseTaskOf(databaseId, taskId);
  await asTask(task, async () => {
    await awaitTurn(task, input.scheduledAt, `restart ${instanceId}`);
    const { members } = await control.findNode({ databaseId, nodeName });
    const queue = members.find((m) => m.instanceId === instanceId)?.queue;
    if (queue === undefined) throw ApplicationFailure.nonRetryable(`'${instanceId}' is gone`, 'not_found');
    const ref = { ...task, instanceId };
    const startedAt = await moveOn(queue, `note when ${instanceId} was started`).noteStart(ref);
    await carryThrough(`Postgres of '${instanceId}' was asked to restart, which nobody waited for`, () =>
      moveOn(queue, `restart Postgres of ${instanceId}`).restartPostgres({ ...ref, startedAt }),
    );
    await sampleAll(databaseId, [queue]);
  });
}
