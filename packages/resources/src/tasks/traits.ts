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
  /** It is about one instance: the node is not named as well. */
  readonly ofInstance?: true;
  /** The node it is about is not shown in the API: the contract has it so. */
  readonly hidesNode?: true;
}

/** Every type of task there is; a type is one line here. */
export const TASKS = {
  create: { lane: 'owner', movesState: true },
  update: { lane: 'owner', movesState: true },
  delete: { lane: 'owner', movesState: true },
  upgrade: { lane: 'owner', movesState: true },
  switchover: { lane: 'owner', movesState: false },
  failover: { lane: 'owner', movesState: false },
  restart_instance: { lane: 'owner', movesState: false, ofInstance: true },
  stop_instance: { lane: 'owner', movesState: false, ofInstance: true },
  start_instance: { lane: 'owner', movesState: false, ofInstance: true },
  remove_host: { lane: 'owner', movesState: false },
  node_backup: { lane: 'beside', movesState: false, hidesNode: true },
  delete_backup: { lane: 'beside', movesState: false },
  verify_backup: { lane: 'beside', movesState: false },
  restore: { lane: 'owner', movesState: true },
  node_restore: { lane: 'part', movesState: false },
  undo_restore: { lane: 'owner', movesState: true },
  skip_transaction: { lane: 'beside', movesState: false },
  compare_nodes: { lane: 'beside', movesState: false, hidesNode: true },
  drain_host: { lane: 'beside', movesState: false },
} as const satisfies Record<TaskType, TaskTraits>;

/** Types of tasks that are a workflow of their own: the kind of entity says which. */
export type OutboxTask = {
  [T in TaskType]: (typeof TASKS)[T] extends { readonly lane: 'part' } ? never : T;
}[TaskType];

/** What a type of task is. */
export const traitsOf = (type: TaskType): TaskTraits => TASKS[type];

/** Whether a task keeps everything else off its entity from the moment it is accepted: one that waits for its time does not. */
export const ownsAtOnce = ({ type, scheduledAt }: Pick<TaskRecord, 'type' | 'scheduledAt'>): boolean =>
  TASKS[type].lane === 'owner' && scheduledAt === undefined;
