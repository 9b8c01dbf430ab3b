import type { WorkflowInputs } from '@windlass/resources/tasks';
import { atPrimary } from './at-primary.ts';
import { readOn } from '../core/proxies.ts';

/** Somebody waits for the answer. */
const ONCE_MORE = 1;

/** What is in the repositories of a node now. */
export async function listBackups(input: WorkflowInputs['listBackups']) {
  const { databaseId, nodeName } = input;
  return atPrimary(
    input,
    ({ instanceId, queue }) =>
      readOn(queue, 'read what is in the repositories').readCatalogue({ databaseId, nodeName, instanceId }),
    ONCE_MORE,
  );
}
