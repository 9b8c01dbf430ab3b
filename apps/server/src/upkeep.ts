import type { Upkeep } from './core/tasks/entity-upkeep.ts';
import { hostInputs, hostUpkeep } from './hosts/host-upkeep.ts';
import { databaseUpkeep } from './postgres/database-upkeep.ts';
import { databaseInputs } from './postgres/task-inputs.ts';

/** Of every kind of entity whose tasks the server starts; a kind is one line here. */
export const upkeep: Upkeep = {
  kinds: [databaseUpkeep, hostUpkeep],
  toInput: { ...databaseInputs, ...hostInputs },
};
