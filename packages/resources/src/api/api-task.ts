import { z } from 'zod';
import { Timestamp } from './texts.ts';

const TaskId = z.string().meta({
  description: 'UUIDv7: ids sort by time.',
  format: 'uuid',
  examples: ['0198f2a4-6c1e-7d3b-9a55-0e6f3f2b7c11'],
});
/** Every registered kind of entity, in the order in which they are. */
export const SCOPES = ['database', 'host'] as const;
const Scope = z.string().meta({ description: 'What the task is about.', enum: [...SCOPES], examples: ['database'] });
const EntityId = z.string().meta({ description: 'Id of what the task is about.', examples: ['storefront'] });
export const TaskStatusName = z
  .enum(['pending', 'running', 'completed', 'canceled', 'canceling', 'failed', 'unknown'])
  .meta({ description: 'How far the task is.', examples: ['running'] });

export const ApiTask = z
  .object({
    task_id: TaskId,
    parent_id: TaskId.optional(),
    scope: Scope,
    entity_id: EntityId,
    database_id: z.string().optional().meta({ description: 'Set when the scope is `database`.' }),
    node_name: z.string().optional().meta({ description: 'Node the task is about.' }),
    instance_id: z.string().optional().meta({ description: 'Instance the task is about.' }),
    host_id: z.string().optional().meta({ description: 'Host the task is about.' }),
    created_at: Timestamp,
    completed_at: Timestamp.optional(),
    type: z.string().meta({ description: 'The operation.', examples: ['create', 'update', 'delete'] }),
    status: TaskStatusName,
    error: z.string().optional().meta({ description: 'Why it failed.' }),
    progress: z
      .object({ bytes_done: z.int(), bytes_total: z.int() })
      .optional()
      .meta({
        description: 'How far a backup or restore is.',
        examples: [{ bytes_done: 1048576, bytes_total: 8388608 }],
      }),
  })
  .meta({ id: 'Task', description: 'One operation and how far it is.' });
export type ApiTask = z.output<typeof ApiTask>;

export const ApiTaskLogEntry = z
  .object({
    timestamp: Timestamp,
    message: z
      .string()
      .meta({ description: 'What happened.', examples: ['creating resource swarm.service::storefront-n1-689qacsi'] }),
    fields: z.record(z.string(), z.unknown()).optional().meta({ description: 'The same as data.' }),
  })
  .meta({ id: 'TaskLogEntry', description: 'One line of the log of a task.' });
export type ApiTaskLogEntry = z.output<typeof ApiTaskLogEntry>;

export const ApiTaskLog = z
  .object({
    scope: Scope,
    entity_id: EntityId,
    database_id: z.string().optional().meta({ description: 'Set when the scope is `database`.' }),
    task_id: z.string().meta({ description: 'Id of the task.' }),
    task_status: TaskStatusName.meta({ description: 'Status, read before the entries.' }),
    last_entry_id: z
      .string()
      .optional()
      .meta({ description: 'Give it as `after_entry_id` to read on; absent when the log is empty.' }),
    entries: z.array(ApiTaskLogEntry).meta({ description: 'Oldest first.' }),
  })
  .meta({ id: 'TaskLog', description: 'Log of a task.' });
export type ApiTaskLog = z.output<typeof ApiTaskLog>;

export const ListTasksResponse = z
  .object({ tasks: z.array(ApiTask) })
  .meta({ id: 'ListTasksResponse', description: 'Tasks, newest first unless asked otherwise.' });
export const RemoveHostResponse = z
  .object({
    task: ApiTask,
    update_database_tasks: z
      .array(ApiTask)
      .meta({ description: 'Updates that take the host out of its databases, one for each.' }),
  })
  .meta({ id: 'RemoveHostResponse', description: 'The removal that was accepted.' });
export const TaskResponse = z
  .object({ task: ApiTask })
  .meta({ id: 'TaskResponse', description: 'The task that was accepted.' });
