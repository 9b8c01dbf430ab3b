import type { EntityRef, ResourceState, Step } from '@windlass/resources/engine';
import { leaveOnHost, type EntityRecord } from '@windlass/resources/entity';
import type { KvWrite } from '@windlass/resources/store';
import type { OwnedInput } from './own.ts';
import type { ResourceRecord } from '@windlass/resources/records';

/** What a completed task left undone, by host. */
export type Left = ReadonlyMap<string, readonly ResourceRecord[]>;

/** Steps that were deferred, by host, with the records that are still there; those a delete leaves on an absent host. */
export async function whatIsLeft(
  state: Pick<ResourceState, 'list'>,
  entity: EntityRef,
  deferred: readonly Step[],
): Promise<Left> {
  const hosts = deferred.flatMap(({ executor: e }) => (e.on === 'host' ? [e.hostId] : []));
  if (hosts.length === 0) return new Map();
  const records = await state.list(entity);
  const on = (hostId: string) => records.filter(({ executor: e }) => e.on === 'host' && e.hostId === hostId);
  return new Map([...new Set(hosts)].sort().map((hostId) => [hostId, on(hostId)]));
}

/** A host that was away finds there what it still has to remove of what is gone. */
export const leave = ({ entity }: OwnedInput, { tenantId }: EntityRecord, left: Left): KvWrite[] =>
  [...left]
    .filter(([, records]) => records.length > 0)
    .map(([hostId, records]) => leaveOnHost(hostId, entity, { tenantId, records }));
