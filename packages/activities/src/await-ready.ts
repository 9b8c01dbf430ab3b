import { awaitInstance } from '@windlass/resources/kinds';
import type { ActivityDeps } from './deps.ts';
import { own } from './own.ts';
import type { DatabaseTask } from './postgres/database-task.ts';

/** Waits until an instance on this host does its part: the primary takes writes, a replica streams. */
export function awaitReady(deps: ActivityDeps) {
  return async function awaitReady(input: DatabaseTask & { readonly instanceId: string }): Promise<void> {
    await own(deps, input, (run) => awaitInstance(deps.clients, input.instanceId, run));
  };
}
