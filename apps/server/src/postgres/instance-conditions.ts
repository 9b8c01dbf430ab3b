import type { ApiCondition } from '@windlass/resources/postgres/spec';
import { wireTime } from '../core/tasks/read-tasks.ts';
import type { InstanceStatus } from '@windlass/resources/postgres/records';

/** What the checks on the hosts found at the instances of a database, as their last samples say. */
export const instanceConditions = (statuses: readonly InstanceStatus[]): ApiCondition[] =>
  statuses.flatMap(({ nodeName, instanceId, conditions = [] }) =>
    conditions.map(({ type, message, since }) => ({
      type,
      node_name: nodeName,
      instance_id: instanceId,
      message,
      since: wireTime(since),
    })),
  );
