import type { Kv } from '../store/kv.ts';
import { partOf } from './entity-ref.ts';
import { resourceRecords } from './records.ts';
import { localKey, refKey, type Desired, type Ref } from './resource.ts';

/**
 * The stored statuses of what these depend on at other entities, by the printed form of the refs. What does not exist, was never
 * made to its end or is about to be deleted is not among them.
 */
export async function foreignStatuses(
  kv: Pick<Kv, 'get'>,
  dependants: readonly Pick<Desired, 'dependsOn'>[],
): Promise<Map<string, unknown>> {
  const refs = dependants.flatMap(({ dependsOn }) => dependsOn.flatMap(({ ref }) => (ref.of ? [ref] : [])));
  const distinct = [...new Map(refs.map((ref) => [refKey(ref) as string, ref]))];
  const found = await Promise.all(distinct.map(async ([key, ref]) => [key, await statusOf(kv, ref)] as const));
  return new Map(found.filter(([, status]) => status !== undefined));
}

async function statusOf(kv: Pick<Kv, 'get'>, ref: Ref): Promise<unknown> {
  const found = ref.of && (await resourceRecords.get(kv, partOf(ref.of), localKey(ref)));
  return found?.value.phase === 'deleting' ? undefined : found?.value.status;
}
