import type { EntityRecord, EntityState } from '../engine/entity-record.ts';
import { traitsOf } from './traits.ts';
import type { TaskRecord, TaskType } from './records.ts';

/** How a task ended. */
export interface TaskEnd {
  readonly outcome: 'completed' | 'failed' | 'canceled';
  /** Why, in words; of a failed one. */
  readonly error?: string | undefined;
  /** It ended before it changed anything: its entity is what it was. */
  readonly untouched?: boolean | undefined;
}

/** The record of a task that has ended. */
export const endedTask = (task: TaskRecord, { outcome, error }: TaskEnd, now: Date): TaskRecord => ({
  ...task,
  status: outcome,
  completedAt: now.toISOString(),
  ...(error !== undefined && outcome === 'failed' && { error }),
});

/** What state an entity has when a task that owned it has ended: the one rule, whoever ends it. */
export function stateAfter(
  { state, stateBefore }: Pick<EntityRecord, 'state' | 'stateBefore'>,
  type: TaskType,
  { outcome, untouched }: TaskEnd,
): EntityState {
  if (!traitsOf(type).movesState) return state;
  if (outcome === 'completed') return 'available';
  return (untouched === true ? stateBefore : undefined) ?? 'failed';
}

/** The entity given back by a task that owned it. */
export function givenBack({ stateBefore, ...record }: EntityRecord, type: TaskType, end: TaskEnd): EntityRecord {
  return { ...record, state: stateAfter({ ...record, stateBefore }, type, end), openTaskId: undefined };
}
