import { keys, resourceOwner } from '../store/keys.ts';
import type { Kv } from '../store/kv.ts';
import type { ResourceRecord } from '../store/ports.ts';
import { refKey, type Desired, type Ref } from './resource.ts';

/** Under which key a resource is stored, if it is not of the entity itself but of another one. */
export const foreignKey = (of: NonNullable<Ref['of']>, ref: Ref): string => keys.resource(resourceOwner(of), ref);

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
  const found = ref.of && (await kv.get(foreignKey(ref.of, ref)));
  const record = found?.value as ResourceRecord | undefined;
  return record?.phase === 'deleting' ? undefined : record?.status;
}
