import { host } from '@windlass/resources/entity';
import { removalRecords } from '@windlass/resources/platform/records';
import { runs, type EntityUpkeep } from '../core/tasks/entity-upkeep.ts';

/** How the server looks after the tasks of hosts: a host is worked on while it is being removed. */
export const hostUpkeep: EntityUpkeep = {
  kind: host.kind,
  runs: { remove_host: runs('removeHost', ({ entity, taskId }) => ({ hostId: entity.id, taskId })) },
  surroundings: (_kv, { entity }) => Promise.resolve({ hostIds: [entity.id], revision: 0 }),
  refersTo: async (kv) =>
    (await removalRecords.list(kv, [])).flatMap(({ value: { taskId, updates } }) => [
      taskId,
      ...updates.map((update) => update.taskId),
    ]),
};
