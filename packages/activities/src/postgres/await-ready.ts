import { awaitInstance } from '@windlass/resources/postgres/kinds';
import type { ActivityDeps } from '../core/deps.ts';
import { own } from '../core/own.ts';
import type { DatabaseTask } from './database-task.ts';

/** Waits until an instance on this host does its part: the primary takes writes, a replica streams. */
export function awaitReady(deps: ActivityDeps) {
  return async function awaitReady(input: DatabaseTask & { readonly instanceId: string }): Promise<void> {
    await own(deps, input, (run) => awaitInstance(deps.clients, input.instanceId, run));
  };
}
