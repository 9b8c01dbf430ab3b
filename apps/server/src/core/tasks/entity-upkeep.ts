import type { EntityRef } from '@windlass/resources/plan';
import { DomainError } from '@windlass/resources/errors';
import type { Kv, KvWrite } from '@windlass/resources/store';
import type { OutboxEntry, OutboxTask, TaskRecord, WorkflowInputs, WorkflowName } from '@windlass/resources/tasks';
import type { WorkflowStart } from '../deps.ts';

/** What is known of an entity when a task of it is started. */
export interface Surroundings {
  readonly hostIds: readonly string[];
  /** Of the spec; 0 where there is none. */
  readonly revision: number;
  /** Search attributes beside those that every task has. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** The workflow that does a task, and what it is told: what was asked, and what it has to know besides. */
export type TaskRun<T extends OutboxTask> = (
  entry: OutboxEntry<T>,
  around: Surroundings,
) => Pick<WorkflowStart, 'type' | 'input'>;

/** What the server has to know of a kind of entity to start its tasks, to look after them, and to forget them. */
export interface EntityUpkeep {
  readonly kind: string;
  /** What does its tasks, by their type; it has no others. */
  readonly runs: { readonly [T in OutboxTask]?: TaskRun<T> };
  /** Undefined when what the task would work on is gone. */
  surroundings(kv: Kv, entry: OutboxEntry): Promise<Surroundings | undefined>;
  /** Tasks of an entity of any kind that those of this kind refer to, by id: they are not forgotten. */
  refersTo?(kv: Kv, entity: EntityRef): Promise<readonly string[]>;
  /** What is forgotten with a task, besides its log and its plan. */
  forgottenWith?(task: TaskRecord): readonly KvWrite[];
}

/** A workflow with what it takes, for a task. */
export const runs =
  <T extends OutboxTask, W extends WorkflowName>(
    type: W,
    toInput: (entry: OutboxEntry<T>, around: Surroundings) => WorkflowInputs[W],
  ): TaskRun<T> =>
  (entry, around) => ({ type, input: toInput(entry, around) });

/** Every kind of entity whose tasks are started. */
export type Upkeep = readonly EntityUpkeep[];

/** Throws `server_error` for a kind that this server does not know: a newer one has it. */
export function upkeepOf(kinds: Upkeep, kind: string): EntityUpkeep {
  const found = kinds.find((one) => one.kind === kind);
  if (!found) throw new DomainError('server_error', `this server does not know the entity kind '${kind}'`);
  return found;
}
