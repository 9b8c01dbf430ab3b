import { DomainError } from '@windlass/resources/errors';
import type { Executor } from '@windlass/resources/plan';
import type { HostRecord, InstanceStatus, Kv } from '@windlass/resources/store';

export const CONTROL_QUEUE = 'control';
export const hostQueue = (hostId: string): string => `host.${hostId}`;

/** A host that has not been seen for this long takes no manager steps. */
const SEEN_WITHIN_MS = 10_000;

/** The task queue on which a step has to run, from what is known now. */
export async function queueFor(kv: Kv, databaseId: string, executor: Executor): Promise<string> {
  switch (executor.on) {
    case 'any':
      return CONTROL_QUEUE;
    case 'host':
      return hostQueue(executor.hostId);
    case 'manager':
      return hostQueue(await managerHost(kv));
    case 'primary':
      return hostQueue(await primaryHost(kv, databaseId, executor.node));
  }
}

async function managerHost(kv: Kv): Promise<string> {
  const hosts = (await kv.list('hosts/')).map((row) => row.value as HostRecord);
  const since = Date.now() - SEEN_WITHIN_MS;
  const managers = hosts.filter((h) => h.controlAvailable);
  const found = managers.find((h) => Date.parse(h.seenAt) > since) ?? managers[0];
  if (!found) throw new DomainError('host_unreachable', 'no host with a Swarm manager is registered');
  return found.id;
}

async function primaryHost(kv: Kv, databaseId: string, node: string): Promise<string> {
  const rows = await kv.list(`instance-status/${databaseId}/`);
  const statuses = rows.map((row) => row.value as InstanceStatus).filter((s) => s.nodeName === node);
  const found = statuses.find((s) => s.role === 'primary' && s.writable) ?? statuses[0];
  if (!found) throw new DomainError('host_unreachable', `no instance of node '${node}' is known`);
  return found.hostId;
}
