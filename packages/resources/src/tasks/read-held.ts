import { definitionOf } from '../entity/entities.ts';
import type { Kv } from '../store/kv.ts';
import type { TaskRef } from './task-ref.ts';

/** What is known of who owns an entity. */
export interface Held {
  /** It is there: a database is declared; a host reports, or is being removed. */
  readonly exists: boolean;
  /** The task that owns it now. */
  readonly owner: string | undefined;
}

/** Of an entity of any kind. */
export async function readHeld(kv: Pick<Kv, 'get'>, { scope, entityId }: Omit<TaskRef, 'taskId'>): Promise<Held> {
  const { owner, there } = definitionOf(scope);
  const [found, self] = await Promise.all([kv.get(owner.key(entityId)), there && kv.get(there(entityId))]);
  return { exists: (found ?? self) !== undefined, owner: found && owner.of(entityId, found.value) };
}
