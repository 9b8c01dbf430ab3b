import { v7 as uuidv7 } from 'uuid';
import { entityKey } from '../engine/entity-ref.ts';
import { makeTask } from './make-task.ts';
import type { OutboxEntry } from './outbox.ts';
import type { TaskInputs } from './task-inputs.ts';
import { ownsAtOnce, traitsOf, type OutboxTask } from './traits.ts';
import type { TaskRecord } from './records.ts';

/** A task that is asked for. Its id is made up unless told. */
export interface TaskRequest<T extends OutboxTask> extends Omit<OutboxEntry<T>, 'taskId'> {
  readonly taskId?: string;
  /** The task this one is a part of. */
  readonly parentId?: string | undefined;
}

export interface OpenedTask<T extends OutboxTask = OutboxTask> {
  readonly task: TaskRecord;
  readonly entry: OutboxEntry<T>;
}

/** A new task and its entry in the outbox; nothing is written yet. */
export function openTask<T extends OutboxTask>(
  { taskId = uuidv7(), parentId, ...request }: TaskRequest<T>,
  now: Date,
): OpenedTask<T> {
  const entry: OutboxEntry<T> = { ...request, taskId };
  const { entity, type, input, tenantId } = entry;
  const { kind: scope, id: entityId } = entity;
  const tenant = tenantId === undefined ? {} : { tenantId };
  const about = { scope, entityId, ...tenant, type, taskId, workflowId: workflowIdOf(entry), ...factsOf(type, input) };
  const hostId = scope === 'host' ? { hostId: entityId } : {};
  return { entry, task: makeTask({ ...about, ...hostId, ...(parentId !== undefined && { parentId }) }, now) };
}

/** The lock of an entity, for a task that is its owner. */
export function workflowIdOf({ entity, taskId, type, input }: OutboxEntry): string {
  const { scheduledAt } = aboutOf(input);
  if (ownsAtOnce({ type, scheduledAt })) return entityKey(entity);
  return `${entityKey(entity)}/${traitsOf(type).lane === 'beside' ? besideOf(entity) : 'scheduled'}/${taskId}`;
}

/** The first ones beside a database were backups, and their name stays. */
const besideOf = ({ kind }: OutboxEntry['entity']): string => (kind === 'database' ? 'backups' : 'beside');

/** What a task is about within its entity, where its input says so. */
export function aboutOf(
  input: TaskInputs[OutboxTask],
): Pick<TaskRecord, 'nodeName' | 'instanceId' | 'hostId' | 'scheduledAt'> & { candidate?: string | undefined } {
  return {
    ...('nodeName' in input && { nodeName: input.nodeName }),
    ...('instanceId' in input && { instanceId: input.instanceId }),
    ...('candidate' in input && { candidate: input.candidate }),
    ...('hostId' in input && { hostId: input.hostId }),
    ...('scheduledAt' in input && { scheduledAt: input.scheduledAt }),
  };
}

/**
 * What the task shows, as the contract has it: one about an instance does not name the node, too; of a switchover or
 * failover the instance is the candidate.
 */
function factsOf(type: OutboxTask, input: TaskInputs[OutboxTask]): Partial<TaskRecord> {
  const { nodeName, candidate, instanceId = candidate, hostId, scheduledAt } = aboutOf(input);
  return {
    ...(nodeName !== undefined && traitsOf(type).ofInstance !== true && { nodeName }),
    ...(instanceId !== undefined && { instanceId }),
    ...(hostId !== undefined && { hostId }),
    ...(scheduledAt !== undefined && { scheduledAt }),
  };
}
