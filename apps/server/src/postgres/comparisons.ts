import { DomainError } from '@windlass/resources/errors';
import {
  comparisons,
  comparisonWishes,
  type Comparison,
  type ComparisonWish,
} from '@windlass/resources/postgres/records';
import type { ApiComparison, ApiCondition } from '@windlass/resources/postgres/spec';
import type { Kv } from '@windlass/resources/store';
import { wireTime } from '../core/tasks/read-tasks.ts';
import type { ServerDeps } from '../core/deps.ts';
import { readDatabase } from './read-database.ts';

/** The last comparison of the nodes that came to its end; `not_found` when there was none. */
export async function showComparison(deps: ServerDeps, id: string): Promise<ApiComparison> {
  const [, found] = await Promise.all([readDatabase(deps, id), comparisons.get(deps.kv, id)]);
  if (!found) throw new DomainError('not_found', 'the nodes of the database were not compared yet');
  return toApiComparison(found.value);
}

const toApiComparison = (one: Comparison): ApiComparison => ({
  ...{ task_id: one.taskId, began_at: wireTime(one.beganAt), ended_at: wireTime(one.endedAt), equal: one.equal },
  ...{ nodes: [...one.nodes], tables: one.tables, rows: one.rows, differing_tables: [...one.differingTables] },
  differences: one.differences.map(({ table, column, what, key, nodes }) => ({
    ...{ table, what, nodes: [...nodes] },
    ...(column !== undefined && { column }),
    ...(key && { key: [...key] }),
  })),
  more: one.more,
  ...(one.only && { only: [...one.only] }),
  ...(one.repaired !== undefined && { repaired: one.repaired }),
  ...(one.left && { left: one.left.map((left) => ({ ...left, key: [...left.key] })) }),
});

export interface Compared {
  readonly last: Comparison | undefined;
  readonly wish: ComparisonWish | undefined;
}

export async function readCompared(kv: Kv, id: string): Promise<Compared> {
  const [last, wish] = await Promise.all([comparisons.get(kv, id), comparisonWishes.get(kv, id)]);
  return { last: last?.value, wish: wish?.value };
}

/**
 * The conditions of a database with what comparing its nodes has to say: that they differ, that they should be compared; and that they may differ
 * no longer, where they were all compared since.
 */
export function withCompared(conditions: readonly ApiCondition[], { last, wish }: Compared): ApiCondition[] {
  const isAnswered = (since: string): boolean =>
    last !== undefined && last.only === undefined && Date.parse(since) < Date.parse(last.beganAt);
  return [
    ...conditions.filter(({ type, since }) => type !== 'nodes_may_differ' || since === undefined || !isAnswered(since)),
    ...(wish && !isAnswered(wish.since)
      ? [
          {
            type: 'nodes_may_differ' as const,
            message: `${wish.reason}: compare the nodes`,
            since: wireTime(wish.since),
          },
        ]
      : []),
    ...(last && !last.equal
      ? [
          {
            type: 'nodes_differ' as const,
            message: `${last.differingTables.join(', ')}: see GET …/compare; POST …/compare {"repair_from":"<the node that is right>"} makes them equal`,
            since: wireTime(last.endedAt),
          },
        ]
      : []),
  ];
}
