import type { EntityRef } from '../engine/entity-ref.ts';

/** Where a task is kept: the entity it is about, and its id. */
export interface TaskRef {
  readonly scope: string;
  readonly entityId: string;
  readonly taskId: string;
}

export const taskOf = ({ kind, id }: EntityRef, taskId: string): TaskRef => ({ scope: kind, entityId: id, taskId });
