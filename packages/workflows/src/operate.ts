import { isCancellation } from '@temporalio/workflow';
import type { Finding } from '@windlass/resources/plan';
import { applyPlan } from './apply-plan.ts';
import { asTask } from './as-task.ts';
import { controlFor, lookAt } from './proxies.ts';

export interface OperationInput {
  readonly taskId: string;
  readonly databaseId: string;
  /** Revision of the spec to reach. A delete has none. */
  readonly revision?: number;
  readonly force?: boolean;
}

/** Refresh what exists, plan the difference, apply it, record how it ended: cancelled and failed included. */
export async function operate(input: OperationInput): Promise<void> {
  const { databaseId, taskId } = input;
  await asTask(input, async () => {
    const { refreshQueues } = await controlFor('mark the task as running').beginTask({ databaseId, taskId });
    const look = await refreshAll(databaseId, refreshQueues, taskId);
    const { steps } = await controlFor('compare what is wanted with what exists').planChange({ ...input, ...look });
    await applyPlan({ databaseId, taskId, steps });
    if (input.revision === undefined) return;
    await sampleAll(
      databaseId,
      steps.flatMap((s) => (s.executor.on === 'host' && s.queue ? [s.queue] : [])),
    );
  });
}

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
        if (isCancellation(err)) throw err;
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
        if (isCancellation(err)) throw err;
        away.push(queue);
      }
    }),
  );
  return away.sort();
}
