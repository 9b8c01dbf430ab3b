import type { NodeMember } from '@windlass/activities';
import { applyPlan } from './apply-plan.ts';
import { leadingNode } from './leading-node.ts';
import { sampleAll } from './operate.ts';
import { carryOn, control, controlFor } from './proxies.ts';
import type { PreparedNode, RestoreInput } from './restore-database.ts';

/**
 * Stops a node, puts the copy in the place of its data and starts it again: the restored instance first, which takes writes
 * before the data of any replica goes. When it does not, all of it is what it was.
 */
export async function swapNode(node: PreparedNode, input: RestoreInput, end: { untouched: boolean }): Promise<void> {
  const { ref, site } = node;
  const { databaseId, nodeName, instanceId } = ref;
  const members = await leadingNode(node);
  const replicas = members.filter((m) => m.instanceId !== instanceId);
  const running = replicas.filter((m) => !m.stopped);
  try {
    for (const { instanceId: id } of running) await setRunning(node, input, id, false);
    await setRunning(node, input, instanceId, false);
    const at = new Date(Date.now()).toISOString();
    await carryOn(site.queue, `swap the data of ${instanceId}`).swapData(ref);
    await setRunning(node, input, instanceId, true);
    end.untouched = false;
    const note = { ...ref, at, keepHours: input.keepHours };
    await carryOn(site.queue, `note what ${nodeName} ran with before`).noteSwap(note);
  } catch (err) {
    if (end.untouched) await goBack(node, input, running);
    throw err;
  }
  for (const member of replicas) await rebuild(node, input, member);
  await carryOn(site.queue, `see that the backups of ${nodeName} go on`).resumeBackups(ref);
  await sampleAll(databaseId, members.map((m) => m.queue)); // prettier-ignore
}

/** Starts or stops one instance for good, as far as updates and repairs are concerned. */
async function setRunning({ ref }: PreparedNode, input: RestoreInput, id: string, run: boolean): Promise<void> {
  const { databaseId, taskId, nodeName, scope } = ref;
  await control.setStopped({ databaseId, taskId, instanceId: id, stopped: !run });
  const only = { instanceId: id, nodeName, scope, on: 'container' as const };
  const plan = { databaseId, taskId, revision: input.revision, findings: [], unreachable: [], only };
  const { steps } = await controlFor(`what ${run ? 'starting' : 'stopping'} ${id} takes`).planChange(plan);
  await applyPlan({ databaseId, taskId, steps });
}

/** Everybody runs again with the data they had. */
async function goBack(node: PreparedNode, input: RestoreInput, replicas: readonly NodeMember[]): Promise<void> {
  const { ref, site } = node;
  await setRunning(node, input, ref.instanceId, false);
  await carryOn(site.queue, `put the former data of ${ref.instanceId} back`).swapDataBack(ref);
  await setRunning(node, input, ref.instanceId, true);
  for (const { instanceId } of replicas) await setRunning(node, input, instanceId, true);
}

/** A replica copies the restored instance; one that was stopped does so when it is started. */
async function rebuild(node: PreparedNode, input: RestoreInput, member: NodeMember): Promise<void> {
  const { instanceId, queue, stopped } = member;
  await carryOn(queue, `drop the data of ${instanceId}`).dropData({ ...node.ref, instanceId });
  if (!stopped) await setRunning(node, input, instanceId, true);
}
