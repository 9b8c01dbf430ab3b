import { partOf, resourceRecords, type EntityRef, type Step } from '@windlass/resources/engine';
import type { ResourceRecord } from '@windlass/resources/records';
import { instance, replicationStreams } from '@windlass/resources/postgres/kinds';
import { comparisonWishes, instanceStatuses } from '@windlass/resources/postgres/records';
import type { Kv, KvWrite } from '@windlass/resources/store';
import { NODE_OF_COPY, specsAmong } from './stored-specs.ts';

/** Statuses of instances that are no longer there go; where a node has come to others, all are to be compared. */
export async function afterDatabase(
  kv: Kv,
  { id, kind }: EntityRef,
  steps: readonly Pick<Step, 'action' | 'ref'>[],
): Promise<KvWrite[]> {
  const [statuses, stored] = await Promise.all([
    instanceStatuses.list(kv, [id]),
    resourceRecords.list(kv, [partOf({ kind, id })]),
  ]);
  const resources = stored.map(({ value }) => value);
  const there = new Set(resources.flatMap(({ ref }) => (ref.kind === instance.kind ? [ref.id] : [])));
  const strays = statuses.filter(({ value }) => !there.has(value.instanceId));
  const come = newNodes(steps, resources);
  const wish = { databaseId: id, reason: `${come.join(', ')} came to the others`, since: new Date().toISOString() };
  return [
    ...strays.map((one) => instanceStatuses.remove(...one.id)),
    ...(come.length > 0 ? [comparisonWishes.put(wish, id)] : []),
  ];
}

/** Nodes that began as copies of others and follow them since these steps. */
function newNodes(steps: readonly Pick<Step, 'action' | 'ref'>[], resources: readonly ResourceRecord[]): string[] {
  const joined = steps.filter(({ action, ref }) => action === 'create' && ref.kind === replicationStreams.kind);
  const copies = specsAmong(resources, NODE_OF_COPY).map(({ nodeName }) => nodeName);
  return joined.flatMap(({ ref }) => (copies.includes(ref.id) ? [ref.id] : [])).sort();
}
