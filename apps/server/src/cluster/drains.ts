import type { ApiHost } from '@windlass/resources/platform/api';
import { drainRecords, type DrainRecord } from '@windlass/resources/platform/records';
import type { Kv } from '@windlass/resources/store';
import { isTerminal, taskRecords } from '@windlass/resources/tasks';

/** A host that is to be kept free, and how far that is. */
export interface Drain {
  readonly record: DrainRecord;
  readonly revision: number;
  readonly state: NonNullable<ApiHost['drain']>['state'];
}

/** `undefined` when the host takes what is placed on it. */
export async function readDrain(kv: Kv, hostId: string): Promise<Drain | undefined> {
  const found = await drainRecords.get(kv, hostId);
  return found && { record: found.value, revision: found.revision, state: await stateOf(kv, found.value) };
}

/** Of all hosts that are to be kept free, by their ids. */
export async function readDrains(kv: Kv): Promise<ReadonlyMap<string, Drain>> {
  const rows = await drainRecords.list(kv, []);
  const drains = rows.map(async ({ value: record, revision }) => ({
    record,
    revision,
    state: await stateOf(kv, record),
  }));
  return new Map((await Promise.all(drains)).map((drain) => [drain.record.hostId, drain]));
}

/** Ids of the hosts on which nothing new is placed. */
export const drainedHosts = async (kv: Kv): Promise<ReadonlySet<string>> =>
  new Set((await drainRecords.list(kv, [])).map(({ id: [hostId] }) => hostId));

/** Its task says it, whoever ended that. */
async function stateOf(kv: Kv, { hostId, taskId }: DrainRecord): Promise<Drain['state']> {
  const task = (await taskRecords.get(kv, 'host', hostId, taskId))?.value;
  if (task && !isTerminal(task)) return 'draining';
  return task?.status === 'completed' ? 'drained' : 'incomplete';
}
