import { z } from 'zod';

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

const difference: z.ZodType<ComparedDifference> = z.looseObject({
  table: z.string(),
  column: z.string().optional(),
  what: z.string(),
  key: z.array(z.string()).optional(),
  nodes: z.array(z.object({ node: z.string(), has: z.string().nullable() })),
});

/** Its fields, for what is stored with more of them. */
export const COMPARE_RESULT = {
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
export const compareResult: z.ZodType<CompareResult> = z.looseObject(COMPARE_RESULT);
