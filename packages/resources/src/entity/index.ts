export { database, databaseEntity } from './database-entity.ts';
export { definitionOf, ENTITIES, recordsOf } from './entities.ts';
export type { EntityDefinition } from './entity-definition.ts';
export { entityFence } from './entity-fence.ts';
export { ENTITY_STATES, type EntityRecord, type EntityState } from './entity-record.ts';
export { entityRecords, type EntityRecords } from './entity-records.ts';
export { host } from './host-entity.ts';
export { leaveOnHost, leftBy } from './leave-on-host.ts';
export { migrateResources } from './migrate-resources.ts';
