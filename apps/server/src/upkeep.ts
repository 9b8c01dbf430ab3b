import type { Upkeep } from './core/tasks/entity-upkeep.ts';
import { hostUpkeep } from './hosts/host-upkeep.ts';
import { databaseUpkeep } from './postgres/database-upkeep.ts';

/** Of every kind of entity whose tasks the server starts; a kind is one line here. */
export const upkeep: Upkeep = [databaseUpkeep, hostUpkeep];
