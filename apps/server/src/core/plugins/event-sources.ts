import {
  instanceStatuses,
  scheduleRuns,
  type InstanceStatus,
  type ScheduleRun,
} from '@windlass/resources/postgres/records';
import type { KvChange } from '@windlass/resources/store';
import { taskRecords } from '@windlass/resources/tasks';
import { toApiTask, wireTime } from '../tasks/read-tasks.ts';

/** Records whose changes are events. */
export interface EventSource {
  readonly prefix: string;
  /** They are written again although nothing changed: what they were when the first listener came is no event. */
  readonly repeated: boolean;
  /** The text of the event; `last` is that of the one before of this key. Throws `record_unreadable`. */
  toEvent(change: KvChange, last: string | undefined): string | undefined;
}

export const EVENT_SOURCES: readonly EventSource[] = [
  {
    prefix: taskRecords.under(),
    repeated: false,
    toEvent: ({ key, value, deleted }) =>
      deleted ? undefined : eventText('task', toApiTask(taskRecords.parse(value, key))),
  },
  {
    prefix: instanceStatuses.under(),
    repeated: true,
    toEvent: ({ key, value, deleted }, last) => {
      if (!deleted) return eventText('instance', instanceEvent(instanceStatuses.parse(value, key)));
      const [databaseId, id] = instanceStatuses.idOf(key);
      return last === undefined ? undefined : eventText('instance', { id, database_id: databaseId, deleted: true });
    },
  },
  {
    prefix: scheduleRuns.under(),
    repeated: true,
    toEvent: ({ key, value, deleted }) =>
      deleted ? undefined : eventText('backup_schedule', scheduleEvent(scheduleRuns.parse(value, key))),
  },
];

const eventText = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

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
