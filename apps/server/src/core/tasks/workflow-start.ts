import { DomainError } from '@windlass/resources/errors';
import { aboutOf, traitsOf, workflowIdOf, type OutboxEntry, type OutboxTask } from '@windlass/resources/tasks';
import type { WorkflowStart } from '../deps.ts';
import { runAttributes } from '../run-attributes.ts';
import type { EntityUpkeep, Surroundings } from './entity-upkeep.ts';

/** The workflow of an accepted task as Temporal is asked for it. Throws `server_error` when its kind has no such tasks. */
export function toStart<T extends OutboxTask>(
  { kind, runs }: Pick<EntityUpkeep, 'kind' | 'runs'>,
  entry: OutboxEntry<T>,
  around: Surroundings,
): WorkflowStart {
  const { entity, taskId, type, input, tenantId } = entry;
  const { hostId } = aboutOf(input);
  const run = runs[type];
  if (!run) throw new DomainError('server_error', `no workflow does a task '${type}' of a ${kind}`);
  return {
    ...run(entry, around),
    id: workflowIdOf(entry),
    taskId,
    summary: summaryOf(entry),
    details: `Task \`${taskId}\` of ${entity.kind} **${entity.id}**. ${detailsOf(entry)}`,
    attributes: {
      ...around.attributes,
      ...runAttributes(entity, type),
      WindlassHostId: hostId === undefined ? around.hostIds : [hostId],
      ...(tenantId !== undefined && { WindlassTenantId: tenantId }),
    },
  };
}

/** `switchover of node n1 of database shop` */
function summaryOf({ type, entity, input }: OutboxEntry): string {
  if (type === 'remove_host' || type === 'drain_host') return `${type.replace('_', ' ')} ${entity.id}`;
  const { nodeName, instanceId } = aboutOf(input);
  const what = `${entity.kind} ${entity.id}`;
  if (instanceId !== undefined) return `${type.replace('_', ' ')} ${instanceId} of ${what}`;
  return nodeName === undefined ? `${type} ${what}` : `${type} of node ${nodeName} of ${what}`;
}

function detailsOf({ type, input }: OutboxEntry): string {
  const { scheduledAt } = aboutOf(input);
  if (scheduledAt !== undefined) return `It waits until ${scheduledAt}; other operations go on meanwhile.`;
  if (type === 'remove_host') return 'It waits for the updates that take the host out of its databases.';
  if (type === 'drain_host') return 'It waits for the switchovers that lead primaries away from the host.';
  if (type === 'restore' || type === 'undo_restore')
    return 'Until the swap the database runs on, and a cancel leaves it as it is.';
  if (traitsOf(type).movesState) return 'The plan is the result of the activity `planChange`.';
  return 'What it did so far is in the log of the task.';
}
