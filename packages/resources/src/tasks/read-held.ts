import { definitionOf } from '../entity/entities.ts';
import type { Kv } from '../store/kv.ts';
import type { TaskRef } from './task-ref.ts';

/** What is known of who owns an entity. */
export interface Held {
  /** There is such a record: a database is declared, a host is being removed. */
  readonly exists: boolean;
  /** The task that owns it now. */
  readonly owner: string | undefined;
}

/** Of an entity of any kind. */
export async function readHeld(kv: Pick<Kv, 'get'>, { scope, entityId }: Omit<TaskRef, 'taskId'>): Promise<Held> {
  const { owner } = definitionOf(scope);
  const found = await kv.get(owner.key(entityId));
  return { exists: found !== undefined, owner: found && owner.of(entityId, found.value) };
}
