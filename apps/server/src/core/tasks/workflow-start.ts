import {
  aboutOf,
  traitsOf,
  workflowIdOf,
  workflowOf,
  type DatabaseTaskInput,
  type HostTaskInput,
  type OutboxEntry,
  type OutboxTask,
  type TaskInputs,
  type WorkflowInputs,
  type WorkflowOf,
} from '@windlass/resources/tasks';
import type { WorkflowStart } from '../deps.ts';

/** What is known of an entity when a task of it is started. */
export interface Surroundings {
  readonly hostIds: readonly string[];
  /** Of the spec; 0 where there is none. */
  readonly revision: number;
}

type Ids = DatabaseTaskInput & HostTaskInput;
type ToInput<T extends OutboxTask> = (
  input: TaskInputs[T],
  ids: Ids,
  revision: number,
) => WorkflowInputs[WorkflowOf[T]];

const asAsked = <I>(input: I, { databaseId, taskId }: Ids): I & DatabaseTaskInput => ({ ...input, databaseId, taskId });
const atRevision = <I>(input: I, ids: Ids, revision: number): I & DatabaseTaskInput & { revision: number } => ({
  ...asAsked(input, ids),
  revision,
});

/** What was asked becomes what the workflow takes: what it has to be told besides is added. */
const TO_INPUT: { readonly [T in OutboxTask]: ToInput<T> } = {
  create: atRevision,
  update: atRevision,
  delete: asAsked,
  upgrade: atRevision,
  switchover: asAsked,
  failover: asAsked,
  restart_instance: asAsked,
  stop_instance: atRevision,
  start_instance: atRevision,
  remove_host: (_nothing, { hostId, taskId }) => ({ hostId, taskId }),
  node_backup: asAsked,
  delete_backup: asAsked,
  verify_backup: asAsked,
  restore: atRevision,
  undo_restore: atRevision,
};

/** The workflow of an accepted task as Temporal is asked for it. */
export function toStart<T extends OutboxTask>(
  entry: OutboxEntry<T>,
  { hostIds, revision }: Surroundings,
): WorkflowStart<WorkflowOf[T]> {
  const { entity, taskId, type, input, tenantId } = entry;
  const { hostId } = aboutOf(input);
  const ids = { databaseId: entity.id, hostId: entity.id, taskId };
  return {
    type: workflowOf(type),
    id: workflowIdOf(entry),
    taskId,
    input: TO_INPUT[type](input, ids, revision),
    summary: summaryOf(entry),
    details: `Task \`${taskId}\` of ${entity.kind} **${entity.id}**. ${detailsOf(entry)}`,
    attributes: {
      ...(entity.kind === 'database' && { WindlassDatabaseId: entity.id }),
      WindlassTaskType: type,
      WindlassHostId: hostId === undefined ? hostIds : [hostId],
      ...(tenantId !== undefined && { WindlassTenantId: tenantId }),
    },
  };
}

/** `switchover of node n1 of database shop` */
function summaryOf({ type, entity, input }: OutboxEntry): string {
  if (type === 'remove_host') return `remove host ${entity.id}`;
  const { nodeName, instanceId } = aboutOf(input);
  const what = `${entity.kind} ${entity.id}`;
  if (instanceId !== undefined) return `${type.replace('_', ' ')} ${instanceId} of ${what}`;
  return nodeName === undefined ? `${type} ${what}` : `${type} of node ${nodeName} of ${what}`;
}

function detailsOf({ type, input }: OutboxEntry): string {
  const { scheduledAt } = aboutOf(input);
  if (scheduledAt !== undefined) return `It waits until ${scheduledAt}; other operations go on meanwhile.`;
  if (type === 'remove_host') return 'It waits for the updates that take the host out of its databases.';
  if (type === 'restore' || type === 'undo_restore')
    return 'Until the swap the database runs on, and a cancel leaves it as it is.';
  if (traitsOf(type).movesState) return 'The plan is the result of the activity `planChange`.';
  return 'What it did so far is in the log of the task.';
}
