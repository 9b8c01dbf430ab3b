import { entityOfPart, type EntityPart } from '@windlass/resources/plan';
import { DomainError } from '@windlass/resources/errors';
import { hostEntity } from '@windlass/resources/entity';
import { databaseSpecs, leftoverRecords } from '@windlass/resources/postgres/records';
import { resourceRecords } from '@windlass/resources/records';
import { portHolders } from '@windlass/resources/store';
import {
  drainRecords,
  heartbeats,
  hostRecords,
  memberRecords,
  removalRecords,
} from '@windlass/resources/platform/records';
import type { Kv, KvWrite } from '@windlass/resources/store';
import { endTask, taskOf } from '@windlass/resources/tasks';
import type { ActivityDeps } from '../core/deps.ts';
import { removalOf } from './remove-host.ts';
import { appendHostTaskLog, type HostTask } from '../core/task-log.ts';

/** Removes everything kept about the host but its tasks, and its account with etcd; then the task is completed. */
export function forgetHost({ kv, clients }: Pick<ActivityDeps, 'kv' | 'clients'>) {
  return async function forgetHost(task: HostTask): Promise<void> {
    const { hostId } = task;
    await removalOf(kv, task);
    await refuseUsed(kv, hostId);
    for (const role of ROLES) {
      const member = await memberRecords.get(kv, role, hostId);
      if (member) await clients.dcs.removeUser(member.value.account);
    }
    await appendHostTaskLog(kv, task, `successfully removed host '${hostId}'`);
    const owned = () => ({ writes: [removalRecords.remove(hostId), ...forget(hostId)] });
    await endTask(kv, taskOf(hostEntity(hostId), task.taskId), () => ({ outcome: 'completed' }), { owned });
  };
}

/** As which the host was let in. */
const ROLES = ['host', 'control'] as const;

/** Everything that is kept of a host but its tasks. */
const forget = (hostId: string): KvWrite[] => [
  hostRecords.remove(hostId),
  heartbeats.remove(hostId), // its account is gone: its worker cannot end the lease any more
  drainRecords.remove(hostId),
  ...ROLES.map((role) => memberRecords.remove(role, hostId)),
  leftoverRecords.removeUnder(hostId),
  portHolders.removeUnder(hostId),
];

/** The host stays; what was done so far stays, too, and the removal can be asked for again. */
export function failRemoval({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function failRemoval({ error, ...task }: HostTask & { readonly error: string }): Promise<void> {
    await endTask(kv, taskOf(hostEntity(task.hostId), task.taskId), () => ({ outcome: 'failed', error }));
  };
}

/** Nothing may be left that would need the host: it has come back to life, or stopped answering, half way. */
async function refuseUsed(kv: Kv, hostId: string): Promise<void> {
  const specs = await databaseSpecs.list(kv, []);
  const wanted = specs.filter(({ value }) => value.spec.nodes.some((node) => node.host_ids.includes(hostId)));
  const resources = await resourceRecords.list(kv, []);
  const there = resources.filter(({ value: { executor } }) => executor.on === 'host' && executor.hostId === hostId);
  const [used] = [...wanted, ...there];
  if (!used) return;
  const { kind, id } = entityOfPart(used.id[0] as EntityPart);
  throw new DomainError('invalid_input', `${kind} '${id}' is still on host '${hostId}': remove the host again`);
}
