import type { EntityRef } from '@windlass/resources/plan';
import { Mirror, type Kv, type Unreadable } from '@windlass/resources/store';
import type { EntityUpkeep } from './entity-upkeep.ts';

/** An entity, and the task that owns it now. */
export interface Owned {
  readonly entity: EntityRef;
  readonly revision: number;
  readonly taskId: string | undefined;
}

/** The entities of one kind, as a watch tells them. */
export class OwnedEntities {
  readonly #upkeep: EntityUpkeep;
  readonly #mirror: Mirror<unknown, [id: string]>;

  constructor(kv: Kv, upkeep: EntityUpkeep, unreadable: Unreadable) {
    this.#upkeep = upkeep;
    this.#mirror = new Mirror(kv, upkeep.records, unreadable);
  }

  async all(): Promise<readonly Owned[]> {
    const { kind } = this.#upkeep;
    const rows = await this.#mirror.rows();
    return rows.map(({ id: [id], revision, value }) => ({
      entity: { kind, id },
      revision,
      taskId: this.#upkeep.ownerOf(value),
    }));
  }

  close(): Promise<void> {
    return this.#mirror.close();
  }
}
