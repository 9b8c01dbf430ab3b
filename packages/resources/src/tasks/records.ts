import { z } from 'zod';
import { Collection } from '../store/collection.ts';

export const TASK_STATUSES = ['pending', 'running', 'completed', 'canceled', 'canceling', 'failed', 'unknown'] as const;

export type TaskStatus = (typeof TASK_STATUSES)[number];

export const TASK_TYPES = [
  'create',
  'update',
  'delete',
  'upgrade',
  'switchover',
  'failover',
  'restart_instance',
  'stop_instance',
  'start_instance',
  'remove_host',
  'node_backup',
  'delete_backup',
  'verify_backup',
  'restore',
  'node_restore',
  'undo_restore',
  'skip_transaction',
  'compare_nodes',
  'drain_host',
] as const;

export type TaskType = (typeof TASK_TYPES)[number];

export interface TaskRecord {
  readonly taskId: string;
  /** Kind of the entity it is about. */
  readonly scope: string;
  readonly entityId: string;
  /** Whose the entity is: a task outlives it. */
  readonly tenantId?: string | undefined;
  readonly type: TaskType;
  readonly status: TaskStatus;
  readonly createdAt: string;
  readonly completedAt?: string | undefined;
  readonly error?: string | undefined;
  /** Empty for a task that a worker did by itself. */
  readonly workflowId: string;
  readonly force?: boolean | undefined;
  readonly parentId?: string | undefined;
  readonly nodeName?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly hostId?: string | undefined;
  /** When it is to begin, for a task that waits for its time without owning the database. */
  readonly scheduledAt?: string | undefined;
  /** How far it is, where that can be told in bytes. */
  readonly progress?: { readonly bytesDone: number; readonly bytesTotal: number } | undefined;
}

/** Whether a task has ended: nothing about it changes any more. */
export const isTerminal = ({ status }: Pick<TaskRecord, 'status'>): boolean => TERMINAL.has(status);

const TERMINAL: ReadonlySet<TaskStatus> = new Set(['completed', 'failed', 'canceled']);

export interface TaskLogEntry {
  readonly entryId: string;
  readonly timestamp: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

const taskRecord: z.ZodType<TaskRecord> = z.looseObject({
  taskId: z.string(),
  scope: z.string(),
  entityId: z.string(),
  tenantId: z.string().optional(),
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
