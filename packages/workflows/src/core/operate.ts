import type { PlacedStep } from '@windlass/activities';
import type { Finding } from '@windlass/resources/plan';
import { applyPlan } from './apply-plan.ts';
import { asTask, type TaskRef } from './as-task.ts';
import { controlFor, lookAt } from './proxies.ts';
import { wasCanceled } from './was-canceled.ts';

export interface OperationInput {
  /** Revision of the spec to reach. A delete has none. */
  readonly revision?: number;
  readonly force?: boolean;
  /** Ids of hosts that are taken as gone: never asked, and what is on them is given up. */
  readonly goneHosts?: readonly string[];
  /** Ids of hosts that are to leave: asked, and given up only when they do not answer. */
  readonly leavingHosts?: readonly string[];
  /** Image of an upgrade, by name or id. */
  readonly image?: string;
}

/** What a kind of entity does besides. */
export interface Besides {
  /** Before anything is looked at; may give the revision of what is to be reached from then on. */
  readonly first?: () => Promise<Pick<OperationInput, 'revision'> | undefined>;
  /** Before the plan is carried out, and after it was. */
  readonly before?: (steps: readonly PlacedStep[]) => Promise<void>;
  readonly after?: (steps: readonly PlacedStep[]) => Promise<void>;
}

/** Refresh what exists, plan the difference, apply it, record how it ended: cancelled and failed included. */
export async function operate(
  task: TaskRef,
  input: OperationInput,
  { first, before, after }: Besides = {},
): Promise<void> {
  await asTask(task, async () => {
    const { refreshQueues } = await controlFor('mark the task as running').beginTask(task);
    const wanted = { ...input, ...(await first?.()) };
    const look = await lookAround(task, input, refreshQueues);
    const compare = controlFor('compare what is wanted with what exists');
    const { steps } = await compare.planChange({ ...wanted, ...task, ...look });
    await before?.(steps);
    await applyPlan({ task, steps });
    await after?.(steps);
  });
}

/** Asks every host but those that are gone; those and the silent ones are unreachable, the leaving among them given up. */
async function lookAround(
  task: TaskRef,
  { goneHosts = [], leavingHosts = [] }: OperationInput,
  queues: readonly string[],
): Promise<{ findings: Finding[]; unreachable: string[]; givenUpHosts?: string[] }> {
  const gone = goneHosts.map(queueOfHost);
  const asked = queues.filter((queue) => !gone.includes(queue));
  const { findings, unreachable } = await refreshAll(task, asked);
  const silent = leavingHosts.filter((host) => unreachable.includes(queueOfHost(host)));
  const givenUpHosts = [...goneHosts, ...silent].sort();
  const all = [...new Set([...unreachable, ...gone])].sort();
  return { findings, unreachable: all, ...(givenUpHosts.length > 0 && { givenUpHosts }) };
}

const queueOfHost = (hostId: string): string => `host.${hostId}`;

/** Asks every queue at once. One that does not answer is reported, not waited for. A look that is no task stores nothing. */
export async function refreshAll(
  about: Pick<TaskRef, 'entity'> & Partial<TaskRef>,
  queues: readonly string[],
): Promise<{ findings: Finding[]; unreachable: string[] }> {
  const findings: Finding[] = [];
  const unreachable: string[] = [];
  await Promise.all(
    queues.map(async (queue) => {
      try {
        const found = await lookAt(queue, `refresh ${queue}`).refreshHost({ ...about, queue });
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
