import type { EntityRef } from '@windlass/resources/plan';
import { DomainError } from '@windlass/resources/errors';
import type { Collection, Kv, KvWrite } from '@windlass/resources/store';
import type { OutboxEntry, OutboxTask, TaskRecord, WorkflowInputs, WorkflowOf } from '@windlass/resources/tasks';

/** What is known of an entity when a task of it is started. */
export interface Surroundings {
  readonly hostIds: readonly string[];
  /** Of the spec; 0 where there is none. */
  readonly revision: number;
  /** Search attributes beside those that every task has. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What the server has to know of a kind of entity to start its tasks, to look after them, and to forget them. */
export interface EntityUpkeep<R = unknown> {
  readonly kind: string;
  /** Where it is kept which task owns one; looked at every second, as a watch tells it. */
  readonly records: Collection<R, [id: string]>;
  ownerOf(record: R): string | undefined;
  /** Undefined when what the task would work on is gone. */
  surroundings(kv: Kv, entry: OutboxEntry): Promise<Surroundings | undefined>;
  /** Tasks of an entity of any kind that those of this kind refer to, by id: they are not forgotten. */
  refersTo(kv: Kv, entity: EntityRef): Promise<readonly string[]>;
  /** What is forgotten with a task, besides its log and its plan. */
  forgottenWith(task: TaskRecord): readonly KvWrite[];
}

/** What was asked of a task as its workflow takes it. */
export type ToInput<T extends OutboxTask> = (
  entry: OutboxEntry<T>,
  { revision }: Pick<Surroundings, 'revision'>,
) => WorkflowInputs[WorkflowOf[T]];

/** What the core is told of the kinds there are, and of the tasks they have. */
export interface Upkeep {
  readonly kinds: readonly EntityUpkeep[];
  readonly toInput: { readonly [T in OutboxTask]: ToInput<T> };
}

/** Throws `server_error` for a kind that this server does not know: a newer one has it. */
export function upkeepOf({ kinds }: Upkeep, kind: string): EntityUpkeep {
  const found = kinds.find((one) => one.kind === kind);
  if (!found) throw new DomainError('server_error', `this server does not know the entity kind '${kind}'`);
  return found;
}
