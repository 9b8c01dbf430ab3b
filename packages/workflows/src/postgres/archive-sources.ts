import type { DatabaseTask, PlacedStep } from '@windlass/activities';
import { controlFor, moveOn } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

/**
 * Before nodes are made from the backups of a database that runs: it archives what it has written, so that the copy is as it is
 * now. One that does not answer is copied as far as it is archived.
 */
export async function archiveSources(task: DatabaseTask, steps: readonly PlacedStep[]): Promise<void> {
  if (!steps.some((step) => step.ref.kind === 'postgres.restored' && step.action === 'create')) return;
  const { databaseId } = task;
  const sources = await controlFor('whose backups the nodes begin with').restoreSources({ databaseId });
  await Promise.all(
    sources.map(async ({ instanceId, queue }) => {
      try {
        await moveOn(queue, `${instanceId} archives what it has written`).archiveNow({ instanceId, log: task });
      } catch (err) {
        if (wasCanceled(err)) throw err;
      }
    }),
  );
}
