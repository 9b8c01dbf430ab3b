import { DomainError, toFailure } from '@windlass/resources/errors';
import {
  keys,
  type Kv,
  type KvWrite,
  type MemberRecord,
  type ResourceRecord,
  type TaskRecord,
} from '@windlass/resources/store';
import { endedTask, type TaskEnd } from '@windlass/resources/tasks';
import type { StoredDatabase } from '@windlass/resources/compose';
import type { ActivityDeps } from './deps.ts';
import { removalOf } from './remove-host.ts';
import { appendHostTaskLog, type HostTask } from './task-log.ts';

/** Removes everything kept about the host but its tasks, and its account with etcd; then the task is completed. */
export function forgetHost({ kv, clients }: Pick<ActivityDeps, 'kv' | 'clients'>) {
  return async function forgetHost(task: HostTask): Promise<void> {
    const { hostId } = task;
    try {
      await removalOf(kv, task);
      await refuseUsed(kv, hostId);
      const memberKeys = [keys.member('host', hostId), keys.member('control', hostId)];
      for (const member of await Promise.all(memberKeys.map((key) => kv.get(key))))
        if (member) await clients.dcs.removeUser((member.value as MemberRecord).account);
      await appendHostTaskLog(kv, task, `successfully removed host '${hostId}'`);
      await end(kv, task, { outcome: 'completed' }, [
        { remove: keys.host(hostId) },
        { remove: keys.heartbeat(hostId) }, // its account is gone: its worker cannot end the lease any more
        ...memberKeys.map((key) => ({ remove: key })),
        { removePrefix: keys.leftovers(hostId) },
        { removePrefix: keys.ports(hostId) },
      ]);
    } catch (err) {
      throw toFailure(err);
    }
  };
}

/** The host stays; what was done so far stays, too, and the removal can be asked for again. */
export function failRemoval({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function failRemoval({ error, ...task }: HostTask & { readonly error: string }): Promise<void> {
    await end(kv, task, { outcome: 'failed', error }, []);
  };
}

/** Repeating it changes nothing. */
async function end(kv: Kv, { hostId, taskId }: HostTask, how: TaskEnd, writes: readonly KvWrite[]): Promise<void> {
  const key = keys.task('host', hostId, taskId);
  for (;;) {
    const [task, removal] = await Promise.all([kv.get(key), kv.get(keys.removal(hostId))]);
    if (!task || (removal?.value as { taskId?: string } | undefined)?.taskId !== taskId) return;
    const ended = endedTask(task.value as TaskRecord, how, new Date());
    const done = await kv.commit(
      [{ key: keys.removal(hostId), revision: removal?.revision ?? 0 }],
      [{ put: key, value: ended }, { remove: keys.removal(hostId) }, ...writes],
    );
    if (done !== false) return;
  }
}

/** Nothing may be left that would need the host: it has come back to life, or stopped answering, half way. */
async function refuseUsed(kv: Kv, hostId: string): Promise<void> {
  const specs = await kv.list('specs/');
  const wanted = specs.filter((row) =>
    (row.value as StoredDatabase).spec.nodes.some((node) => node.host_ids.includes(hostId)),
  );
  const resources = await kv.list('resources/');
  const there = resources.filter(({ value }) => {
    const { executor } = value as ResourceRecord;
    return executor.on === 'host' && executor.hostId === hostId;
  });
  const [used] = [...wanted, ...there];
  if (!used) return;
  const database = used.key.split('/')[1] ?? '';
  throw new DomainError('invalid_input', `database '${database}' is still on host '${hostId}': remove the host again`);
}
