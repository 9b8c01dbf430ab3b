import { v7 as uuidv7 } from 'uuid';
import type { TaskRecord } from './records.ts';

type Required = 'scope' | 'entityId' | 'type' | 'workflowId';

/** What is known of a task before there is one. Its id is made up, and it is `pending`, unless told. */
export type TaskWish = Pick<TaskRecord, Required> & Partial<Omit<TaskRecord, Required | 'createdAt' | 'completedAt'>>;

/** A new task. Nobody else builds a record: what every task has is here. */
export function makeTask({ taskId = uuidv7(), status = 'pending', ...wish }: TaskWish, now: Date): TaskRecord {
  return { ...wish, taskId, status, createdAt: now.toISOString() };
}
