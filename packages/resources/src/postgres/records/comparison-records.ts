import { z } from 'zod';
import { COMPARE_RESULT, type CompareResult } from '../spec/compare-result.ts';
import { Collection } from '../../store/collection.ts';

/** `comparisons/<database>`: the last comparison of the nodes of a database that came to its end. */
export interface Comparison extends CompareResult {
  readonly databaseId: string;
  readonly taskId: string;
  readonly beganAt: string;
  readonly endedAt: string;
  /** Those that were compared; absent: all. */
  readonly only?: readonly string[] | undefined;
}

const comparison: z.ZodType<Comparison> = z.looseObject({
  ...COMPARE_RESULT,
  databaseId: z.string(),
  taskId: z.string(),
  beganAt: z.string(),
  endedAt: z.string(),
  only: z.array(z.string()).optional(),
});

/** The last comparison of the nodes of each database. */
export const comparisons = new Collection<Comparison, [databaseId: string]>('comparisons', comparison);

/** `comparison-wishes/<database>`: something happened after which nodes should be compared; servers see to it. */
export interface ComparisonWish {
  readonly databaseId: string;
  readonly reason: string;
  readonly since: string;
}

export const comparisonWishes = new Collection<ComparisonWish, [databaseId: string]>(
  'comparison-wishes',
  z.looseObject({ databaseId: z.string(), reason: z.string(), since: z.string() }),
);
