import type { ApiHost } from '@windlass/resources/platform/api';
import { drainRecords, type DrainRecord } from '@windlass/resources/platform/records';
import type { Kv, Versioned } from '@windlass/resources/store';
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
  return found && toDrain(kv, found);
}

/** Of all hosts that are to be kept free, by their ids. */
export async function readDrains(kv: Kv): Promise<ReadonlyMap<string, Drain>> {
  const rows = await drainRecords.list(kv, []);
  const drains = await Promise.all(rows.map((row) => toDrain(kv, row)));
  return new Map(drains.map((drain) => [drain.record.hostId, drain]));
}

const toDrain = async (kv: Kv, { value: record, revision }: Versioned<DrainRecord>): Promise<Drain> => ({
  record,
  revision,
  state: await stateOf(kv, record),
});

/** Ids of the hosts on which nothing new is placed. */
export const drainedHosts = async (kv: Kv): Promise<ReadonlySet<string>> =>
  new Set((await drainRecords.list(kv, [])).map(({ id: [hostId] }) => hostId));

/** Its task says it, whoever ended that. */
async function stateOf(kv: Kv, { hostId, taskId }: DrainRecord): Promise<Drain['state']> {
  const task = (await taskRecords.get(kv, 'host', hostId, taskId))?.value;
  if (task && !isTerminal(task)) return 'draining';
  return task?.status === 'completed' ? 'drained' : 'incomplete';
}
