import { ApplicationFailure } from '@temporalio/workflow';
import type { DatabaseTask, NodeFacts } from '@windlass/activities';
import { carryThrough } from '../core/carry-through.ts';
import { moveOn } from '../core/proxies.ts';

/**
 * Orderly change of the primary. Until it is asked to hand over everything can be cancelled; from then on a cancel lets it come
 * to its end, which takes about a second. Returns who is the primary now. With `nobodyElse` the wanted member takes over although
 * Patroni names another one as its synchronous standby: it gets all there is while the primary stops.
 */
export async function handOver(
  task: DatabaseTask,
  node: NodeFacts,
  wanted?: string,
  { nobodyElse }: { readonly nobodyElse?: true } = {},
): Promise<string> {
  const { scope, leader } = node;
  const queue = queueOf(node, leader);
  if (leader === undefined || queue === undefined)
    throw ApplicationFailure.nonRetryable(`'${scope}' has no primary that could hand over`, 'operation_refused');
  const ref = { ...task, scope, leader };
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
    await moveOn(target, summary).awaitReady({ ...task, instanceId: candidate });
  });
  return candidate;
}

/** The queue of a member's host. */
export const queueOf = ({ members }: NodeFacts, instanceId: string | undefined): string | undefined =>
  members.find((m) => m.instanceId === instanceId)?.queue;
