import { ApplicationFailure } from '@temporalio/workflow';
import type { DatabaseTask } from '@windlass/activities';
import type { Finding } from '@windlass/resources/engine';
import { applyPlan } from '../core/apply-plan.ts';
import { refreshAll } from '../core/operate.ts';
import { controlFor } from '../core/proxies.ts';

/** What there is before nodes are removed to be made anew. What a host keeps that does not answer would be taken for the new node: then it is refused. */
export async function findAll(task: DatabaseTask, nodes: readonly string[]): Promise<Finding[]> {
  const { refreshQueues } = await controlFor('what is there to refresh').beginTask(task);
  const { findings, unreachable } = await refreshAll(task, refreshQueues);
  if (unreachable.length === 0) return findings;
  const what = `${unreachable.join(', ')} does not answer, so ${nodes.join(', ')} cannot be made anew; nothing was changed`;
  throw ApplicationFailure.nonRetryable(what, 'host_unreachable');
}

/** Removes them; until `nodesAreGone` is noted they stay away, whatever becomes of the task. Gives the revision of the spec that says so. */
export async function removeNodes(task: DatabaseTask, nodes: readonly string[], findings: Finding[]): Promise<number> {
  const names = nodes.join(', ');
  const { revision } = await controlFor(`${names}: to be made anew`).remakeNodes({ ...task, nodes, phase: 'begin' });
  const plan = { ...task, revision, findings, unreachable: [] };
  const { steps } = await controlFor(`what removing ${names} takes`).planChange(plan);
  await applyPlan({ task, steps });
  return revision;
}

/** They come back as copies of those that stayed. Gives the revision of the spec that says so. */
export async function nodesAreGone(task: DatabaseTask, nodes: readonly string[]): Promise<number> {
  const summary = `${nodes.join(', ')}: copies from here on`;
  const { revision } = await controlFor(summary).remakeNodes({ ...task, nodes, phase: 'gone' });
  return revision;
}
