import { definitionOf, type EntityDefinition } from '@windlass/resources/entity';
import type { EntityRef } from '@windlass/resources/plan';
import { Mirror, type Kv, type Unreadable } from '@windlass/resources/store';

/** An entity, and the task that owns it now. */
export interface Owned {
  readonly entity: EntityRef;
  readonly revision: number;
  readonly taskId: string | undefined;
}

/** The entities of one kind, as a watch tells them. */
export class OwnedEntities {
  readonly #definition: EntityDefinition;
  readonly #mirror: Mirror<unknown, [id: string]>;

  constructor(kv: Kv, kind: string, unreadable: Unreadable) {
    this.#definition = definitionOf(kind);
    this.#mirror = new Mirror(kv, this.#definition.owner.records, unreadable);
  }

  async all(): Promise<readonly Owned[]> {
    const { kind, owner } = this.#definition;
    const rows = await this.#mirror.rows();
    return rows.map(({ id: [id], revision, value }) => ({
      entity: { kind, id },
      revision,
      taskId: owner.namedBy(value),
    }));
  }

  close(): Promise<void> {
    return this.#mirror.close();
  }
}
