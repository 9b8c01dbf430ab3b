import { ownsAtOnce, TASKS, traitsOf, type OutboxTask } from '@windlass/resources/tasks';
import type { WorkflowStart } from '../deps.ts';

/** What an operation is about, besides its database. */
export interface OperationFacts {
  readonly nodeName?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly hostId?: string | undefined;
  /** The instance that is to become the primary. */
  readonly candidate?: string | undefined;
  /** Image of an upgrade, by name or id. */
  readonly image?: string | undefined;
  readonly skipValidation?: boolean | undefined;
  /** A scheduled task waits for its time without owning the database. */
  readonly scheduledAt?: string | undefined;
  /** What a backup is to be. */
  readonly backup?: BackupFacts | undefined;
  /** The backup it is about, and the repository that has it. */
  readonly label?: string | undefined;
  readonly repository?: number | undefined;
  /** Of a delete: the backups go, too. */
  readonly purgeBackups?: boolean | undefined;
  /** The nodes of a restore, each with its task. */
  readonly parts?: readonly { readonly nodeName: string; readonly taskId: string }[] | undefined;
  readonly keepHours?: number | undefined;
}

interface BackupFacts {
  readonly type: 'full' | 'diff' | 'incr';
  readonly annotations: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** Whether a replica is copied from: it must be, or is when one is healthy. */
  readonly standby?: 'required' | 'preferred' | undefined;
}

export interface OutboxEntry extends OperationFacts {
  readonly databaseId: string;
  readonly taskId: string;
  readonly type: OutboxTask;
  readonly tenantId?: string | undefined;
  readonly force?: boolean | undefined;
  /** The task this one takes over from: it is ended before this one starts. */
  readonly supersedes?: string | undefined;
  /** The task this one is a part of. */
  readonly parentId?: string | undefined;
  /** Hosts that are taken as gone while it runs. */
  readonly goneHosts?: readonly string[] | undefined;
  /** Hosts that are to leave: given up when they do not answer. */
  readonly leavingHosts?: readonly string[] | undefined;
}

/** The lock of a database, for a task that is its owner. */
export function workflowIdOf(entry: OutboxEntry): string {
  const { databaseId, taskId, type } = entry;
  if (ownsAtOnce(entry)) return `database/${databaseId}`;
  return `database/${databaseId}/${traitsOf(type).lane === 'beside' ? 'backups' : 'scheduled'}/${taskId}`;
}

/** The workflow of an accepted task as Temporal is asked for it. */
export function toStart(entry: OutboxEntry, hostIds: readonly string[], revision?: number): WorkflowStart {
  const { supersedes: _supersedes, parentId: _parentId, type, tenantId, force, backup, ...input } = entry;
  const { databaseId, taskId, hostId } = entry;
  return {
    type: TASKS[type].workflow,
    id: workflowIdOf(entry),
    taskId,
    input: { ...input, ...backup, ...(revision !== undefined && { revision }), ...(force && { force: true }) },
    summary: summaryOf(entry),
    details: `Task \`${taskId}\` of database **${databaseId}**. ${detailsOf(entry)}`,
    attributes: {
      WindlassDatabaseId: databaseId,
      WindlassTaskType: type,
      WindlassHostId: hostId === undefined ? hostIds : [hostId],
      ...(tenantId !== undefined && { WindlassTenantId: tenantId }),
    },
  };
}

/** `switchover of node n1 of database shop` */
function summaryOf({ type, databaseId, nodeName, instanceId }: OutboxEntry): string {
  if (instanceId !== undefined) return `${type.replace('_', ' ')} ${instanceId} of database ${databaseId}`;
  return nodeName === undefined
    ? `${type} database ${databaseId}`
    : `${type} of node ${nodeName} of database ${databaseId}`;
}

function detailsOf({ type, scheduledAt }: OutboxEntry): string {
  if (scheduledAt !== undefined) return `It waits until ${scheduledAt}; other operations go on meanwhile.`;
  if (type === 'restore' || type === 'undo_restore')
    return 'Until the swap the database runs on, and a cancel leaves it as it is.';
  if (traitsOf(type).movesState) return 'The plan is the result of the activity `planChange`.';
  return 'What it did so far is in the log of the task.';
}
