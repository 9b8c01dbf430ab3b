import { z } from 'zod';
import { Timestamp } from '../../api/texts.ts';

export const CompareRequest = z
  .object({
    tables: z
      .array(z.string().min(3).max(200))
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: '`schema.name` of those to compare; absent: all.', examples: [['public.orders']] }),
    repair_from: z
      .string()
      .regex(/^n[0-9]+$/)
      .optional()
      .meta({
        description: 'Node that is right where rows differ: they are repaired from it. Absent: nothing is changed.',
        examples: ['n1'],
      }),
  })
  .meta({ id: 'CompareRequest', description: 'What to compare; may be left out.' });
export type CompareRequest = z.output<typeof CompareRequest>;

const NODES = z.array(z.string()).meta({ description: 'Names of nodes.', examples: [['n1', 'n2']] });

export const ApiDifference = z
  .object({
    table: z.string().meta({ description: 'Schema and name.', examples: ['public.orders'] }),
    column: z.string().optional().meta({ description: 'Column that is not the same.' }),
    what: z.string().meta({
      description: '`row`; `missing`, `type`, `nullable`, `generated`, `identity`, `key` of the schema; or in words.',
      examples: ['row'],
    }),
    key: z
      .array(z.string())
      .optional()
      .meta({ description: 'Key of the row.', examples: [['4711']] }),
    nodes: z
      .array(z.object({ node: z.string(), has: z.string().nullable() }))
      .meta({ description: 'What each node has; null: nothing.' }),
  })
  .meta({ id: 'Difference', description: 'Something that is not the same on all nodes.' });

export const ApiComparison = z
  .object({
    task_id: z.string().meta({ description: 'Task that compared.' }),
    began_at: Timestamp,
    ended_at: Timestamp,
    equal: z.boolean().meta({ description: 'Same tables, same columns, same rows.' }),
    nodes: NODES,
    only: z.array(z.string()).optional().meta({ description: 'Tables that were to be compared; absent: all.' }),
    tables: z
      .int()
      .min(0)
      .meta({ description: 'Tables compared.', examples: [12] }),
    rows: z
      .number()
      .min(0)
      .meta({ description: 'Rows looked at.', examples: [100000] }),
    differing_tables: z.array(z.string()).meta({ description: 'Tables that are not the same.' }),
    differences: z.array(ApiDifference).meta({ description: 'At most 100 of a table, and 500 in all.' }),
    more: z.boolean().meta({ description: 'There are more than are named.' }),
    repaired: z.int().min(0).optional().meta({ description: 'Keys that were repaired.' }),
    left: z
      .array(z.object({ table: z.string(), key: z.array(z.string()), why: z.string() }))
      .optional()
      .meta({ description: 'What could not be repaired, and why.' }),
  })
  .meta({ id: 'Comparison', description: 'What the last comparison of the nodes found.' });
export type ApiComparison = z.output<typeof ApiComparison>;
