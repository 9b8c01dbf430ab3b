import type { DatabaseRecord, InstanceStatus } from '@windlass/resources/postgres/records';
import type { HostRecord } from '@windlass/resources/platform/records';

/** A status or a host record older than this proves nothing. */
const FRESH_MS = 10_000;

export interface Seen {
  readonly record: DatabaseRecord;
  readonly statuses: readonly InstanceStatus[];
  readonly hosts: ReadonlyMap<string, HostRecord>;
}

/**
 * What is to be repaired about a database without being asked, in words; nothing while a task runs, after a failure
 * (somebody has to look), or while it cannot be done. An instance that is to stay stopped is as it should be.
 */
export function repairReasons({ record, statuses, hosts }: Seen, now: Date): string[] {
  if (record.openTaskId !== undefined || record.state !== 'available') return [];
  const answers = (hostId: string): boolean => isBack(hosts.get(hostId), now);
  const back = (record.waitingFor ?? []).filter(answers);
  const stopped = new Set(record.stoppedInstances ?? []);
  const gone = statuses.filter(
    (s) => s.container === 'absent' && isFresh(s.sampledAt, now) && !stopped.has(s.instanceId) && answers(s.hostId),
  );
  return [
    ...back.map((hostId) => `host '${hostId}' answers again`),
    ...gone.map((s) => `instance '${s.instanceId}' on host '${s.hostId}' has no container`),
  ];
}

const isFresh = (time: string, now: Date): boolean => now.getTime() - Date.parse(time) <= FRESH_MS;

const isBack = (host: HostRecord | undefined, now: Date): boolean =>
  host !== undefined && isFresh(host.seenAt, now) && (host.components['docker']?.healthy ?? false);
