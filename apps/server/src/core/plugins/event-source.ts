import type { KvChange } from '@windlass/resources/store';
import { taskRecords } from '@windlass/resources/tasks';
import { toApiTask } from '../tasks/read-tasks.ts';

/** Records whose changes are events. */
export interface EventSource {
  readonly prefix: string;
  /** They are written again although nothing changed: what they were when the first listener came is no event. */
  readonly repeated: boolean;
  /** The text of the event; `last` is that of the one before of this key. Throws `record_unreadable`. */
  toEvent(change: KvChange, last: string | undefined): string | undefined;
}

export const taskEvents: EventSource = {
  prefix: taskRecords.under(),
  repeated: false,
  toEvent: ({ key, value, deleted }) =>
    deleted ? undefined : eventText('task', toApiTask(taskRecords.parse(value, key))),
};

export const eventText = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
