import { z } from 'zod';
import { Collection } from '../../store/collection.ts';

/** What is not the same on all nodes. Holds the keys of rows, and no other value of them. */
export interface ComparedDifference {
  readonly table: string;
  readonly column?: string | undefined;
  /** `row`, or in words. */
  readonly what: string;
  /** Columns of the key in their order, as texts. */
  readonly key?: readonly string[] | undefined;
  /** What each node has; null: nothing. */
  readonly nodes: readonly { readonly node: string; readonly has: string | null }[];
}

/** What a comparison of nodes found, as the program that compares says it. */
export interface CompareResult {
  readonly equal: boolean;
  /** Names. */
  readonly nodes: readonly string[];
  readonly tables: number;
  /** Rows looked at, on the node that has most. */
  readonly rows: number;
  readonly differingTables: readonly string[];
  readonly differences: readonly ComparedDifference[];
  /** There are more than are named. */
  readonly more: boolean;
  /** How many keys were repaired; absent: none was to be. */
  readonly repaired?: number | undefined;
  /** What was left as it is, and why. */
  readonly left?: readonly { readonly table: string; readonly key: readonly string[]; readonly why: string }[] | undefined; // prettier-ignore
}

/** `comparisons/<database>`: the last comparison of the nodes of a database that came to its end. */
export interface Comparison extends CompareResult {
  readonly databaseId: string;
  readonly taskId: string;
  readonly beganAt: string;
  readonly endedAt: string;
  /** Those that were compared; absent: all. */
  readonly only?: readonly string[] | undefined;
}

const difference: z.ZodType<ComparedDifference> = z.looseObject({
  table: z.string(),
  column: z.string().optional(),
  what: z.string(),
  key: z.array(z.string()).optional(),
  nodes: z.array(z.object({ node: z.string(), has: z.string().nullable() })),
});

const result = {
  equal: z.boolean(),
  nodes: z.array(z.string()),
  tables: z.number(),
  rows: z.number(),
  differingTables: z.array(z.string()),
  differences: z.array(difference),
  more: z.boolean(),
  repaired: z.number().optional(),
  left: z.array(z.object({ table: z.string(), key: z.array(z.string()), why: z.string() })).optional(),
};
export const compareResult: z.ZodType<CompareResult> = z.looseObject(result);

const comparison: z.ZodType<Comparison> = z.looseObject({
  ...result,
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
