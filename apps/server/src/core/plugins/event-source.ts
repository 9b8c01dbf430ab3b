import type { EntityRef } from '@windlass/resources/plan';
import type { KvChange } from '@windlass/resources/store';
import { taskRecords } from '@windlass/resources/tasks';
import { toApiTask } from '../tasks/read-tasks.ts';

/** Records whose changes are events. */
export interface EventSource {
  readonly prefix: string;
  /** They are written again although nothing changed: what they were when the first listener came is no event. */
  readonly repeated: boolean;
  /** What a record under this key is about. */
  entityOf(key: string): EntityRef;
  /** The text of the event; `last` is that of the one before of this key. Throws `record_unreadable`. */
  toEvent(change: KvChange, last: string | undefined): string | undefined;
}

export const taskEvents: EventSource = {
  prefix: taskRecords.under(),
  repeated: false,
  entityOf: (key) => {
    const [kind, id] = taskRecords.idOf(key);
    return { kind, id };
  },
  toEvent: ({ key, value, deleted }) =>
    deleted ? undefined : eventText('task', toApiTask(taskRecords.parse(value, key))),
};

export const eventText = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
