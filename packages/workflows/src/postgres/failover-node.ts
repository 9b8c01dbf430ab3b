import { ApplicationFailure } from '@temporalio/workflow';
import type { DatabaseTask, NodeFacts, NodeMember } from '@windlass/activities';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { rootCause } from '../core/apply-plan.ts';
import { asTask } from '../core/as-task.ts';
import { carryThrough } from '../core/carry-through.ts';
import { queueOf } from './hand-over.ts';
import { databaseTaskOf } from './database-task.ts';
import { sampleAll } from './sample-all.ts';
import { controlFor, lookAt, moveOn } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

type FailoverInput = WorkflowInputs['failoverNode'];

/** Has a replica take over although the primary does not hand over. The hosts of the others need not answer. */
export async function failoverNode(input: FailoverInput): Promise<void> {
  const { databaseId, taskId, nodeName } = input;
  const task = databaseTaskOf(databaseId, taskId);
  await asTask(task, async () => {
    await controlFor('mark the task as running').beginOperation(task);
    const node = await controlFor('who leads, who follows').findNode({ databaseId, nodeName });
    if (input.skipValidation !== true) await refuseHealthy(task, node);
    await takeOver(task, input, node);
    await sampleAll(
      databaseId,
      node.members.map((m) => m.queue),
    );
  });
}

/** A primary that lives is handed over from, not failed over from. */
async function refuseHealthy(task: DatabaseTask, node: NodeFacts): Promise<void> {
  const { scope, leader } = node;
  const queue = queueOf(node, leader);
  if (leader === undefined || queue === undefined) return;
  const asked = lookAt(queue, `does ${leader} live?`).checkPrimary({ ...task, instanceId: leader });
  const lives = await orUnreachable(asked);
  if (lives === true)
    throw ApplicationFailure.nonRetryable(
      'cluster is healthy; refuse failover unless skip_validation is true',
      'operation_refused',
    );
  if (lives === undefined)
    await moveOn('control', `wait until the lease of ${leader} runs out`).awaitRelease({ ...task, scope, leader });
}

async function takeOver(task: DatabaseTask, input: FailoverInput, node: NodeFacts): Promise<void> {
  const { scope, leader } = node;
  const { via, candidate } = await choose(task, input, node);
  const insist = input.candidate !== undefined;
  const ref = { ...task, scope, candidate, insist, ...(leader !== undefined && { leader }) };
  await carryThrough(`'${candidate}' was asked to take over, which nobody waited for`, async () => {
    const move = moveOn(via.queue, `${candidate} takes over`);
    const { primary } = await move.failOver({ ...ref, instanceId: via.instanceId });
    const ready = moveOn(queueOf(node, primary) ?? via.queue, `wait until ${primary} takes writes`);
    await orUnreachable(ready.awaitReady({ ...task, instanceId: primary }));
  });
}

/** Asks the members one after another until one answers: the candidate first, the primary never. */
async function choose(
  task: DatabaseTask,
  input: FailoverInput,
  { scope, leader, members, peerSlots }: NodeFacts,
): Promise<{ via: NodeMember; candidate: string }> {
  const { candidate: wanted, skipValidation = false } = input;
  const others = members.filter((m) => m.instanceId !== leader && !m.stopped);
  const isWanted = (m: NodeMember): number => (m.instanceId === wanted ? 0 : 1);
  for (const via of others.sort((a, b) => isWanted(a) - isWanted(b))) {
    const ref = { ...task, scope, instanceId: via.instanceId, skipValidation };
    const wish = {
      ...ref,
      ...(leader !== undefined && { leader }),
      ...(wanted !== undefined && { candidate: wanted }),
      ...(peerSlots && { peerSlots }),
    };
    const found = await orUnreachable(
      moveOn(via.queue, `ask ${via.instanceId} who can take over`).prepareFailover(wish),
    );
    if (found) return { via, candidate: found.candidate };
  }
  throw ApplicationFailure.nonRetryable(`no host of another member of '${scope}' answers`, 'host_unreachable');
}

/** Undefined when the host does not answer. */
async function orUnreachable<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (err) {
    if (wasCanceled(err) || rootCause(err).type !== 'host_unreachable') throw err;
    return undefined;
  }
}
