import type { PlacedStep } from '@windlass/activities';
import { lookAt } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

/** Has the hosts store how their instances are now. Returns the queues of those that do not answer. */
export async function sampleAll(databaseId: string, queues: readonly string[]): Promise<string[]> {
  const away: string[] = [];
  await Promise.all(
    [...new Set(queues)].map(async (queue) => {
      try {
        await lookAt(queue, 'sample the status of the instances').sampleInstances({ databaseId });
      } catch (err) {
        if (wasCanceled(err)) throw err;
        away.push(queue);
      }
    }),
  );
  return away.sort();
}

/** The queues of the hosts that carried out steps. */
export const queuesOf = (steps: readonly PlacedStep[]): string[] =>
  steps.flatMap((s) => (s.executor.on === 'host' && s.queue ? [s.queue] : []));
