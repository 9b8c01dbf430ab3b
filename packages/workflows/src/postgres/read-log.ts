import { ApplicationFailure } from '@temporalio/workflow';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { controlFor, lookAt } from '../core/proxies.ts';
import { queueOf } from './hand-over.ts';

/** The log of an instance as its host has it, sealed. */
export async function readLog({ databaseId, nodeName, instanceId, query }: WorkflowInputs['readLog']) {
  const node = await controlFor(`where is ${instanceId}`).findNode({ databaseId, nodeName });
  const queue = queueOf(node, instanceId);
  if (queue === undefined) throw ApplicationFailure.nonRetryable('instance not found', 'not_found');
  return lookAt(queue, `read the log of ${instanceId}`).readLog({ databaseId, instanceId, query });
}
