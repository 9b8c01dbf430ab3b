import { removalRecords } from '../platform/records/host-records.ts';
import { ownerIn, type EntityDefinition } from './entity-definition.ts';

/** A machine with a worker. It is owned while it is being removed, and by nothing else; it has no resources of its own. */
export const host: EntityDefinition = { kind: 'host', owner: ownerIn(removalRecords, ({ taskId }) => taskId) };
