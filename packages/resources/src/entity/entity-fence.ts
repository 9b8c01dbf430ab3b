import type { Fence } from '../engine/state.ts';
import { definitionOf } from './entities.ts';

/** Who owns an entity, of whatever kind it is. */
export const entityFence: Fence = {
  key: ({ kind, id }) => definitionOf(kind).owner.key(id),
  ownerOf: ({ kind, id }, stored) => definitionOf(kind).owner.of(id, stored),
  tenantOf: ({ kind, id }, stored) => {
    const { records } = definitionOf(kind);
    return records?.parse(stored, records.key(id)).tenantId;
  },
};
