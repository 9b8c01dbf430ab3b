import type { Finding } from '@windlass/resources/plan';
import type { DatabaseTaskInput, Update, Upgrade } from '@windlass/resources/tasks';
import { applyPlan } from './apply-plan.ts';
import { archiveSources } from './archive-sources.ts';
import { asTask } from './as-task.ts';
import { controlFor, lookAt } from './proxies.ts';
import { wasCanceled } from './was-canceled.ts';

/** What is known of an operation that brings a database to its spec. */
interface OperationInput extends DatabaseTaskInput, Update, Partial<Upgrade> {
  /** Revision of the spec to reach. A delete has none. */
  readonly revision?: number;
}

/**
 * Refresh what exists, plan the difference, apply it, record how it ended: cancelled and failed included. `first` is done
 * before anything is looked at.
 */
export async function operate(input: OperationInput, first?: () => Promise<void>): Promise<void> {
  const { databaseId, taskId } = input;
  await asTask(input, async () => {
    const { refreshQueues } = await controlFor('mark the task as running').beginTask({ databaseId, taskId });
    await first?.();
    const look = await lookAround(input, refreshQueues);
    const { steps } = await controlFor('compare what is wanted with what exists').planChange({ ...input, ...look });
    await archiveSources({ databaseId, taskId }, steps);
    await applyPlan({ databaseId, taskId, steps });
    if (input.revision === undefined) return;
    await sampleAll(
      databaseId,
      steps.flatMap((s) => (s.executor.on === 'host' && s.queue ? [s.queue] : [])),
    );
  });
}

/** Asks every host but those that are gone; those and the silent ones are unreachable, the leaving among them given up. */
async function lookAround(
  { databaseId, taskId, goneHosts = [], leavingHosts = [] }: OperationInput,
  queues: readonly string[],
): Promise<{ findings: Finding[]; unreachable: string[]; givenUpHosts?: string[] }> {
  const gone = goneHosts.map(queueOfHost);
  const asked = queues.filter((queue) => !gone.includes(queue));
  const { findings, unreachable } = await refreshAll(databaseId, asked, taskId);
  const silent = leavingHosts.filter((host) => unreachable.includes(queueOfHost(host)));
  const givenUpHosts = [...goneHosts, ...silent].sort();
  const all = [...new Set([...unreachable, ...gone])].sort();
  return { findings, unreachable: all, ...(givenUpHosts.length > 0 && { givenUpHosts }) };
}

const queueOfHost = (hostId: string): string => `host.${hostId}`;

/** Asks every queue at once. One that does not answer is reported, not waited for. */
export async function refreshAll(
  databaseId: string,
  queues: readonly string[],
  taskId?: string,
): Promise<{ findings: Finding[]; unreachable: string[] }> {
  const findings: Finding[] = [];
  const unreachable: string[] = [];
  await Promise.all(
    queues.map(async (queue) => {
      try {
        const found = await lookAt(queue, `refresh ${queue}`).refreshHost({
          databaseId,
          queue,
          ...(taskId !== undefined && { taskId }),
        });
        findings.push(...found);
      } catch (err) {
        if (wasCanceled(err)) throw err;
        unreachable.push(queue);
      }
    }),
  );
  const key = (f: Finding): string => `${f.ref.kind}::${f.ref.id}`;
  return { findings: findings.sort((a, b) => (key(a) < key(b) ? -1 : 1)), unreachable: unreachable.sort() };
}

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
