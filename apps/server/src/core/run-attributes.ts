import { entityKey, type EntityRef } from '@windlass/resources/plan';

/** The search attributes by which every run about an entity is found in Temporal, whatever its kind. */
export const runAttributes = (entity: EntityRef, type: string) => ({
  WindlassEntity: entityKey(entity),
  WindlassTaskType: type,
});
