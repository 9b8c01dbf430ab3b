import type { EntityRef } from '../engine/entity-ref.ts';
import { hostRecords, removalRecords } from '../platform/records/host-records.ts';
import { ownerIn, type EntityDefinition } from './entity-definition.ts';

const KIND = 'host';

/** A machine with a worker. It is owned while it is being removed, and by nothing else; it has no resources of its own. */
export const host: EntityDefinition = {
  kind: KIND,
  there: (id) => hostRecords.key(id),
  owner: ownerIn(removalRecords, ({ taskId }) => taskId),
};

export const hostEntity = (id: string): EntityRef => ({ kind: KIND, id });
