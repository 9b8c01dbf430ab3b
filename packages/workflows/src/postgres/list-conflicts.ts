import type { WorkflowInputs } from '@windlass/resources/tasks';
import { readOn } from '../core/proxies.ts';
import { atPrimary } from './at-primary.ts';

/** Somebody waits for the answer. */
const ONCE_MORE = 1;

/** The conflicts that a node recorded, sealed. */
export async function listConflicts({ databaseId, nodeName, query }: WorkflowInputs['listConflicts']) {
  return atPrimary(
    { databaseId, nodeName },
    ({ instanceId, queue }) =>
      readOn(queue, `read the conflicts of ${nodeName}`).readConflicts({ databaseId, nodeName, instanceId, query }),
    ONCE_MORE,
  );
}
