import { databaseEntity } from '@windlass/resources/entity';
import {
  instanceStatuses,
  scheduleRuns,
  type InstanceStatus,
  type ScheduleRun,
} from '@windlass/resources/postgres/records';
import { eventText, type EventSource } from '../core/plugins/event-source.ts';
import { wireTime } from '../core/tasks/read-tasks.ts';

export const instanceEvents: EventSource = {
  prefix: instanceStatuses.under(),
  repeated: true,
  entityOf: (key) => databaseEntity(instanceStatuses.idOf(key)[0]),
  toEvent: ({ key, value, deleted }, last) => {
    if (!deleted) return eventText('instance', instanceEvent(instanceStatuses.parse(value, key)));
    const [databaseId, id] = instanceStatuses.idOf(key);
    return last === undefined ? undefined : eventText('instance', { id, database_id: databaseId, deleted: true });
  },
};

export const scheduleEvents: EventSource = {
  prefix: scheduleRuns.under(),
  repeated: true,
  entityOf: (key) => databaseEntity(scheduleRuns.idOf(key)[0]),
  toEvent: ({ key, value, deleted }) =>
    deleted ? undefined : eventText('backup_schedule', scheduleEvent(scheduleRuns.parse(value, key))),
};

const scheduleEvent = ({ databaseId, nodeName, scheduleId, outcome, endedAt, taskId, error }: ScheduleRun) => ({
  id: scheduleId,
  database_id: databaseId,
  node_name: nodeName,
  outcome,
  ended_at: wireTime(endedAt),
  task_id: taskId,
  error,
});

const instanceEvent = ({ instanceId, databaseId, container, writable, role, error }: InstanceStatus) => ({
  id: instanceId,
  database_id: databaseId,
  container,
  writable,
  role,
  error,
});
