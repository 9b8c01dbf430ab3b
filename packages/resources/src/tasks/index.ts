export { begin, type Beginning } from './begin.ts';
export { endedTask, endTask, givenBack, stateAfter, type TaskEnd } from './end.ts';
export { appendLog, logWrite } from './log.ts';
export { makeTask, type TaskWish } from './make-task.ts';
export { outboxEntries, taskLogEntries, taskRecords } from './records.ts';
export { databaseTask, hostTask, taskOf, type TaskRef } from './task-ref.ts';
export { ownsAtOnce, TASKS, traitsOf, type TaskTraits, type OutboxTask } from './traits.ts';
