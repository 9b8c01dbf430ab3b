import type { WorkflowStart } from './core/deps.ts';

/** Names an entity of any kind. Releases that know databases alone did not tell Temporal of it. */
const ENTITY_ATTRIBUTE = 'WindlassEntity';

export type Attributes = NonNullable<WorkflowStart['attributes']>;

/**
 * An attribute that a Temporal which ran before this release has to be told of first. Until it knows it, workflows are started
 * without: a start that it refuses would be refused for good, and its task has failed then.
 */
export class NewerAttribute {
  #known = true;

  async start<T>(attributes: Attributes, start: (attributes: Attributes) => Promise<T>): Promise<T> {
    if (!this.#known) return start(without(attributes));
    try {
      return await start(attributes);
    } catch (err) {
      if (!saysSo(err)) throw err;
      this.#known = false;
      return start(without(attributes));
    }
  }

  /** Temporal knows it now. */
  learned(): void {
    this.#known = true;
  }
}

const without = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== ENTITY_ATTRIBUTE));

function saysSo(err: unknown): boolean {
  for (let e = err; e instanceof Error; e = e.cause) if (e.message.includes(ENTITY_ATTRIBUTE)) return true;
  return false;
}
