import { ApplicationFailure } from '@temporalio/workflow';
import type { NodeFacts } from '@windlass/activities';
import type { TaskRef } from './as-task.ts';
import { carryThrough } from './carry-through.ts';
import { moveOn } from './proxies.ts';

/**
 * Orderly change of the primary. Until it is asked to hand over everything can be cancelled; from then on a cancel lets it come
 * to its end, which takes about a second. Returns who is the primary now. With `nobodyElse` the wanted member takes over although
 * Patroni names another one as its synchronous standby: it gets all there is while the primary stops.
 */
export async function handOver(
  task: TaskRef,
  node: NodeFacts,
  wanted?: string,
  { nobodyElse }: { readonly nobodyElse?: true } = {},
): Promise<string> {
  const { databaseId, taskId } = task;
  const { scope, leader } = node;
  const queue = queueOf(node, leader);
  if (leader === undefined || queue === undefined)
    throw ApplicationFailure.nonRetryable(`'${scope}' has no primary that could hand over`, 'operation_refused');
  const ref = { databaseId, taskId, scope, leader };
  const { candidate } = await moveOn(queue, `choose who takes over from ${leader}, checkpoint`).prepareSwitchover({
    ...ref,
    ...(wanted !== undefined && { candidate: wanted }),
  });
  const target = queueOf(node, candidate) ?? queue;
  await carryThrough(`'${leader}' was asked to hand over to '${candidate}', which nobody waited for`, async () => {
    await moveOn(queue, `${leader} hands over to ${candidate}`).switchOver({
      ...ref,
      candidate,
      ...(nobodyElse && { nobodyElse }),
    });
    const summary = `wait until ${candidate} takes writes`;
    await moveOn(target, summary).awaitReady({ databaseId, taskId, instanceId: candidate });
  });
  return candidate;
}

/** The queue of a member's host. */
export const queueOf = ({ members }: NodeFacts, instanceId: string | undefined): string | undefined =>
  members.find((m) => m.instanceId === instanceId)?.queue;
