import { entityOfPart, partOf, type EntityPart, type EntityRef } from '../engine/entity-ref.ts';
import { leftoverRecords, type Leftovers } from '../postgres/records/backup-records.ts';
import type { Kv, KvWrite } from '../store/kv.ts';

/** A host that was away finds there what it still has to remove of an entity that is gone. */
export function leaveOnHost(
  hostId: string,
  entity: EntityRef,
  { tenantId, records }: Pick<Leftovers, 'tenantId' | 'records'>,
): KvWrite {
  const part = partOf(entity); // of a database: its id
  return leftoverRecords.put({ databaseId: part, tenantId, records, since: new Date().toISOString() }, hostId, part);
}

/** Whose leftovers they are. */
export const leftBy = ({ databaseId }: Pick<Leftovers, 'databaseId'>): EntityRef =>
  entityOfPart(databaseId as EntityPart);

/** The hosts that still have something of an entity of that name to remove. */
export async function leftOn(kv: Pick<Kv, 'list'>, entity: EntityRef): Promise<readonly string[]> {
  const left = (await kv.list(leftoverRecords.under())).map(({ key }) => leftoverRecords.idOf(key));
  return left.flatMap(([host, part]) => (part === partOf(entity) ? [host] : []));
}
