import {
  comparisons,
  comparisonWishes,
  type DatabaseRecord,
  type InstanceStatus,
} from '@windlass/resources/postgres/records';
import { domainErrorOf } from '@windlass/resources/errors';
import type { ServerDeps } from '../../core/deps.ts';
import { acceptCompare } from '../accept-replicated.ts';

/** One that failed, as a node was away, is begun again after this long. */
const PAUSE_MS = 10 * 60_000;

/** Begins the comparison of nodes where something happened after which they may differ: nobody has to think of it. */
export class WantedComparisons {
  readonly #deps: ServerDeps;
  readonly #begun = new Map<string, number>();

  constructor(deps: ServerDeps) {
    this.#deps = deps;
  }

  /** One round. A database that somebody works on comes later. Returns what was begun: database and why. */
  async look(
    databases: readonly DatabaseRecord[],
    statusesOf: (id: string) => readonly InstanceStatus[],
  ): Promise<(readonly [id: string, reason: string])[]> {
    const wishes = new Map(
      (await comparisonWishes.list(this.#deps.kv, [])).map(({ value }) => [value.databaseId, value]),
    );
    const begun: (readonly [string, string])[] = [];
    for (const { id, state, openTaskId } of databases) {
      const wish = wishes.get(id);
      if (state !== 'available' || openTaskId !== undefined || this.#isPaused(id, wish?.since)) continue;
      const reason = wish ? wish.reason : await this.#reason(id, statusesOf(id));
      if (reason !== undefined && (await this.#begin(id))) begun.push([id, reason]);
    }
    return begun;
  }

  /** What was wished for since is another one. */
  #isPaused(id: string, since?: string): boolean {
    const begun = this.#begun.get(id) ?? -PAUSE_MS;
    const isNew = since !== undefined && Date.parse(since) > begun;
    return !isNew && this.#deps.now().getTime() - begun < PAUSE_MS;
  }

  /** What a node says of itself and no comparison of all tables has answered since. */
  async #reason(id: string, statuses: readonly InstanceStatus[]): Promise<string | undefined> {
    const found = statuses.flatMap(({ conditions = [] }) =>
      conditions.filter(({ type }) => type === 'nodes_may_differ'),
    );
    if (found.length === 0) return undefined;
    const last = (await comparisons.get(this.#deps.kv, id))?.value;
    const since = last && last.only === undefined ? Date.parse(last.beganAt) : 0;
    return found.find((one) => Date.parse(one.since) >= since)?.message;
  }

  /** False: somebody was quicker. */
  async #begin(id: string): Promise<boolean> {
    this.#begun.set(id, this.#deps.now().getTime());
    try {
      await acceptCompare(this.#deps, { id, compare: {} }, () => ({ expect: [], writes: [] }));
      return true;
    } catch (err) {
      if (domainErrorOf(err)) return false; // one runs, or the database has one node by now
      throw err;
    }
  }
}
