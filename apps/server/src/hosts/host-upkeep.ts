import { host } from '@windlass/resources/entity';
import { drainRecords, removalRecords } from '@windlass/resources/platform/records';
import { runs, type EntityUpkeep } from '../core/tasks/entity-upkeep.ts';

/** How the server looks after the tasks of hosts: a host is worked on while it is being removed or drained. */
export const hostUpkeep: EntityUpkeep = {
  kind: host.kind,
  runs: {
    remove_host: runs('removeHost', ({ entity, taskId }) => ({ hostId: entity.id, taskId })),
    drain_host: runs('drainHost', ({ entity, taskId }) => ({ hostId: entity.id, taskId })),
  },
  surroundings: (_kv, { entity }) => Promise.resolve({ hostIds: [entity.id], revision: 0 }),
  refersTo: async (kv) => {
    const [removals, drains] = await Promise.all([removalRecords.list(kv, []), drainRecords.list(kv, [])]);
    return [
      ...removals.flatMap(({ value: { taskId, updates } }) => [taskId, ...updates.map((update) => update.taskId)]),
      ...drains.flatMap(({ value: { taskId, moves } }) => [taskId, ...moves.map((move) => move.taskId)]),
    ];
  },
};
