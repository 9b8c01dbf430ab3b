import type { WorkflowName } from './workflow-inputs.ts';
import type { TaskRecord, TaskType } from './records.ts';

/** What a type of task is, said once. */
export interface TaskTraits {
  /**
   * `owner`: nothing else changes its entity while it runs. `beside`: several may run at once, beside an owner. `part`: of
   * another task, which begins and ends it.
   */
  readonly lane: 'owner' | 'beside' | 'part';
  /** It moves the state of its entity; the others leave it as it is. */
  readonly movesState: boolean;
  /** Name of the workflow that does it; absent: the workflow of the task it is a part of. */
  readonly workflow?: WorkflowName;
  /** It is about one instance: the node is not named as well. */
  readonly ofInstance?: true;
  /** The node it is about is not shown in the API: the contract has it so. */
  readonly hidesNode?: true;
}

/** Every type of task there is; a type is one line here. */
export const TASKS = {
  create: { lane: 'owner', movesState: true, workflow: 'createDatabase' },
  update: { lane: 'owner', movesState: true, workflow: 'updateDatabase' },
  delete: { lane: 'owner', movesState: true, workflow: 'deleteDatabase' },
  upgrade: { lane: 'owner', movesState: true, workflow: 'upgradeDatabase' },
  switchover: { lane: 'owner', movesState: false, workflow: 'switchoverNode' },
  failover: { lane: 'owner', movesState: false, workflow: 'failoverNode' },
  restart_instance: { lane: 'owner', movesState: false, workflow: 'restartInstance', ofInstance: true },
  stop_instance: { lane: 'owner', movesState: false, workflow: 'stopInstance', ofInstance: true },
  start_instance: { lane: 'owner', movesState: false, workflow: 'startInstance', ofInstance: true },
  remove_host: { lane: 'owner', movesState: false, workflow: 'removeHost' },
  node_backup: { lane: 'beside', movesState: false, workflow: 'backupNode', hidesNode: true },
  delete_backup: { lane: 'beside', movesState: false, workflow: 'deleteBackup' },
  verify_backup: { lane: 'beside', movesState: false, workflow: 'verifyBackup' },
  restore: { lane: 'owner', movesState: true, workflow: 'restoreDatabase' },
  node_restore: { lane: 'part', movesState: false },
  undo_restore: { lane: 'owner', movesState: true, workflow: 'undoRestore' },
} as const satisfies Record<TaskType, TaskTraits>;

/** Types of tasks that are a workflow of their own. */
export type OutboxTask = {
  [T in TaskType]: (typeof TASKS)[T] extends { workflow: WorkflowName } ? T : never;
}[TaskType];

/** The workflow of each of them. */
export type WorkflowOf = { readonly [T in OutboxTask]: (typeof TASKS)[T]['workflow'] };

const WORKFLOWS: { readonly [T in OutboxTask]: { readonly workflow: WorkflowOf[T] } } = TASKS;

/** Name of the workflow that does a task. */
export const workflowOf = <T extends OutboxTask>(type: T): WorkflowOf[T] => WORKFLOWS[type].workflow;

/** What a type of task is. */
export const traitsOf = (type: TaskType): TaskTraits => TASKS[type];

/** Whether a task keeps everything else off its entity from the moment it is accepted: one that waits for its time does not. */
export const ownsAtOnce = ({ type, scheduledAt }: Pick<TaskRecord, 'type' | 'scheduledAt'>): boolean =>
  TASKS[type].lane === 'owner' && scheduledAt === undefined;
