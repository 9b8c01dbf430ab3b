import { z } from 'zod';
import { Collection } from '../store/collection.ts';
import { TASK_STATUSES, TASK_TYPES, type TaskLogEntry, type TaskRecord } from '../store/tasks.ts';

const taskRecord: z.ZodType<TaskRecord> = z.looseObject({
  taskId: z.string(),
  scope: z.string(),
  entityId: z.string(),
  type: z.enum(TASK_TYPES),
  status: z.enum(TASK_STATUSES),
  createdAt: z.string(),
  completedAt: z.string().optional(),
  error: z.string().optional(),
  workflowId: z.string(),
  force: z.boolean().optional(),
  parentId: z.string().optional(),
  nodeName: z.string().optional(),
  instanceId: z.string().optional(),
  hostId: z.string().optional(),
  scheduledAt: z.string().optional(),
  progress: z.object({ bytesDone: z.number(), bytesTotal: z.number() }).optional(),
});

/** The tasks of all entities, by what they are about and their id. */
export const taskRecords = new Collection<TaskRecord, [scope: string, entityId: string, taskId: string]>(
  'tasks',
  taskRecord,
);

const taskLogEntry: z.ZodType<TaskLogEntry> = z.looseObject({
  entryId: z.string(),
  timestamp: z.string(),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()).exactOptional(),
});

/** What users read of each task, in the order it was written. */
export const taskLogEntries = new Collection<
  TaskLogEntry,
  [scope: string, entityId: string, taskId: string, entryId: string]
>('task-logs', taskLogEntry);
