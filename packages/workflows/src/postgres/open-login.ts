import type { WorkflowInputs } from '@windlass/resources/tasks';
import { readOn } from '../core/proxies.ts';
import { atPrimary } from './at-primary.ts';

/** Somebody waits for the answer. */
const ONCE_MORE = 1;

/** A login for a person at the primary of a node, sealed. */
export async function openLogin({ databaseId, nodeName, wish }: WorkflowInputs['openLogin']) {
  return atPrimary(
    { databaseId, nodeName },
    ({ queue }) => readOn(queue, `make a login on ${nodeName}`).openLogin({ databaseId, nodeName, wish }),
    ONCE_MORE,
  );
}
