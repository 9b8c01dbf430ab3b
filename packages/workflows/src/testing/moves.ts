import type { NodeFacts, NodeMember } from '@windlass/activities';
import { DomainError, toFailure } from '@windlass/resources/errors';
import type { Script } from './fake-activities.ts';
import type { Flow } from './rig.ts';

export const member = (instanceId: string, host: string, stopped = false): NodeMember => ({
  instanceId,
  queue: `host.${host}`,
  stopped,
});
/** A primary and a replica, each on a host of its own. */
export const node: NodeFacts = { scope: 's', leader: 'a', members: [member('a', 'h1'), member('b', 'h2')] };

export const refused = (why: string): unknown => toFailure(new DomainError('operation_refused', why));

/** A script in which one activity does this. */
export const only = (activity: string, work: () => Promise<void> | void): Pick<Script, 'move'> => ({
  move: (now) => (now === activity ? work() : undefined),
});

/** The activities with their queues, without the bookkeeping at both ends and the samples. */
export const moves = (flow: Flow): string[] =>
  flow.calls
    .filter(({ activity }) => !['beginOperation', 'findNode', 'sampleInstances', 'finishTask'].includes(activity))
    .map(({ activity, queue }) => `${activity} on ${queue}`);

/** How the task ended. */
export async function end(flow: Flow): Promise<Record<string, unknown>> {
  await flow.handle.result().catch(() => undefined);
  const { outcome, error } = flow.inputOf('finishTask');
  return { outcome, ...(error !== undefined && { error }) };
}
