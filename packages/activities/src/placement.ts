import { DomainError } from '@windlass/resources/errors';
import { refKey, type Executor } from '@windlass/resources/plan';
import type { HostRecord, InstanceStatus, ResourceRecord } from '@windlass/resources/store';
import type { ActivityDeps } from './deps.ts';

export const CONTROL_QUEUE = 'control';
export const hostQueue = (hostId: string): string => `host.${hostId}`;
export const hostOf = (queue: string): string => queue.replace(/^host\./, '');

/** A host that has not been seen for this long takes no manager steps. */
const SEEN_WITHIN_MS = 10_000;

export type PlacementDeps = Pick<ActivityDeps, 'kv'> & { readonly clients: Pick<ActivityDeps['clients'], 'dcs'> };

/** The task queue on which a step has to run; `away` are queues that do not answer. What was found out once is kept: make a new one for every look. */
export function placementOf(
  deps: PlacementDeps,
  databaseId: string,
  away: readonly string[] = [],
): (executor: Executor) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (executor) => {
    const key = JSON.stringify(executor);
    const found = known.get(key) ?? resolve(deps, databaseId, executor, away);
    known.set(key, found);
    return found;
  };
}

async function resolve(
  deps: PlacementDeps,
  databaseId: string,
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
      return hostQueue(await primaryHost(deps, databaseId, executor.node));
  }
}

async function managerHost({ kv }: PlacementDeps, away: readonly string[]): Promise<string> {
  const hosts = (await kv.list('hosts/')).map((row) => row.value as HostRecord);
  const since = Date.now() - SEEN_WITHIN_MS;
  const managers = hosts.filter((h) => h.controlAvailable && !away.includes(hostQueue(h.id)));
  const found = managers.find((h) => Date.parse(h.seenAt) > since) ?? managers[0];
  if (!found) throw new DomainError('host_unreachable', 'no host with a Swarm manager is registered');
  return found.id;
}

/** Where Patroni's leader is; while there is none, where an instance of the node is: the step there says so. */
async function primaryHost({ kv, clients }: PlacementDeps, databaseId: string, node: string): Promise<string> {
  const leader = await clients.dcs.leader(`${databaseId}:${node}`);
  const record = leader === undefined ? undefined : await instanceRecord(kv, databaseId, leader);
  if (record?.executor.on === 'host') return record.executor.hostId;
  const rows = await kv.list(`instance-status/${databaseId}/`);
  const found = rows.map((row) => row.value as InstanceStatus).find((s) => s.nodeName === node);
  if (!found) throw new DomainError('no_primary', `node '${node}' has no primary, and no instance of it is known`);
  return found.hostId;
}

async function instanceRecord(
  kv: PlacementDeps['kv'],
  databaseId: string,
  instanceId: string,
): Promise<ResourceRecord | undefined> {
  const key = `resources/${databaseId}/${refKey({ kind: 'postgres.instance', id: instanceId })}`;
  return (await kv.get(key))?.value as ResourceRecord | undefined;
}
