export { accept, acceptanceOf, acceptTogether, ownedBy, type Acceptance } from './accept.ts';
export { begin, type Beginning } from './begin.ts';
export { endTask } from './end.ts';
export { endedTask, givenBack, stateAfter, type TaskEnd } from './given-back.ts';
export { appendLog, logWrite } from './log.ts';
export { makeTask, type TaskWish } from './make-task.ts';
export { olderOutboxEntry } from './older-outbox-entry.ts';
export { aboutOf, openTask, workflowIdOf, type OpenedTask } from './open-task.ts';
export { outboxEntries, type CancelEntry, type OutboxEntry } from './outbox.ts';
export { readHeld } from './read-held.ts';
export {
  taskLogEntries,
  taskRecords,
  TASK_STATUSES,
  TASK_TYPES,
  isTerminal,
  type TaskStatus,
  type TaskType,
  type TaskRecord,
  type TaskLogEntry,
} from './records.ts';
export type * from './task-inputs.ts';
export { taskOf, type TaskRef } from './task-ref.ts';
export { ownsAtOnce, TASKS, traitsOf, type OutboxTask, type TaskTraits } from './traits.ts';
export type * from './workflow-inputs.ts';
