import { DomainError } from '@windlass/resources/errors';
import type { EntityRef } from '@windlass/resources/engine';
import type { Executor } from '@windlass/resources/plan';
import { hostRecords } from '@windlass/resources/platform/records';
import type { ActivityDeps } from './deps.ts';

export const CONTROL_QUEUE = 'control';
export const hostQueue = (hostId: string): string => `host.${hostId}`;
export const hostOf = (queue: string): string => queue.replace(/^host\./, '');

/** A host that has not been seen for this long takes no manager steps. */
const SEEN_WITHIN_MS = 10_000;

type PlacementDeps = Pick<ActivityDeps, 'kv' | 'clients' | 'work'>;

/** The task queue on which a step has to run; `away` are queues that do not answer. What was found out once is kept: make a new one for every look. */
export function placementOf(
  deps: PlacementDeps,
  entity: EntityRef,
  away: readonly string[] = [],
): (executor: Executor) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (executor) => {
    const key = JSON.stringify(executor);
    const found = known.get(key) ?? resolve(deps, entity, executor, away);
    known.set(key, found);
    return found;
  };
}

/** The queue of each of these, in their order. */
export function queuesOf(
  deps: PlacementDeps,
  entity: EntityRef,
  placed: readonly { readonly executor: Executor }[],
): Promise<string[]> {
  const queueOf = placementOf(deps, entity);
  return Promise.all(placed.map(({ executor }) => queueOf(executor)));
}

async function resolve(
  deps: PlacementDeps,
  entity: EntityRef,
  executor: Executor,
  away: readonly string[],
): Promise<string> {
  switch (executor.on) {
    case 'any':
      return CONTROL_QUEUE;
    case 'host':
      return hostQueue(executor.hostId);
    case 'manager':
      return hostQueue(await managerHost(deps, away));
    case 'primary':
      return hostQueue(await primaryHost(deps, entity, executor.node));
  }
}

async function managerHost({ kv }: PlacementDeps, away: readonly string[]): Promise<string> {
  const hosts = (await hostRecords.list(kv, [], { unreadable: () => undefined })).map((row) => row.value);
  const since = Date.now() - SEEN_WITHIN_MS;
  const managers = hosts.filter((h) => h.controlAvailable && !away.includes(hostQueue(h.id)));
  const found = managers.find((h) => Date.parse(h.seenAt) > since) ?? managers[0];
  if (!found) throw new DomainError('host_unreachable', 'no host with a Swarm manager is registered');
  return found.id;
}

async function primaryHost(deps: PlacementDeps, entity: EntityRef, node: string): Promise<string> {
  const found = await deps.work(entity.kind).primaryHost?.(deps, entity, node);
  if (found === undefined) throw new DomainError('server_error', `a ${entity.kind} has no primary`);
  return found;
}
