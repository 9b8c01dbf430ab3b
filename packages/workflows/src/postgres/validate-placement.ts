import type { WorkflowInputs } from '@windlass/resources/tasks';
import { control, lookAt } from '../core/proxies.ts';
import { databaseOf } from './database-task.ts';
import { wasCanceled } from '../core/was-canceled.ts';

/** Asks every host of a proposed spec whether it can carry it: ports, volumes, networks, images. */
export async function validatePlacement(input: WorkflowInputs['validatePlacement']) {
  const { hostQueues } = await control.listQueues({ ...input, ...databaseOf(input.databaseId) });
  const problems = await Promise.all(
    hostQueues.map(async (queue) => {
      try {
        return await lookAt(queue, `validate on ${queue}`).validateHost(input);
      } catch (err) {
        if (wasCanceled(err)) throw err;
        return [`${queue} does not answer`];
      }
    }),
  );
  return { problems: problems.flat() };
}
