import { z } from 'zod';

const version = (description: string) =>
  z
    .object({
      node: z
        .string()
        .nullable()
        .meta({ description: 'Who wrote it; null: Postgres has forgotten.', examples: ['n2'] }),
      committed_at: z
        .string()
        .nullable()
        .meta({ description: 'Commit time by the clock of that node.', examples: ['2026-01-31T12:00:00.123456Z'] }),
    })
    .meta({ description });

const row = (description: string) => z.record(z.string(), z.unknown()).optional().meta({ description });

export const ApiConflict = z
  .object({
    node: z.string().meta({ description: 'Node that noticed it, and whose row won.', examples: ['n1'] }),
    noticed_at: z.string().meta({ description: 'When.', examples: ['2026-01-31T12:00:00.130000Z'] }),
    table: z.string().meta({ description: 'Schema and name.', examples: ['public.orders'] }),
    key: z.array(z.unknown()).meta({ description: 'Columns of the key as texts.', examples: [['4711']] }),
    lost_to: z.string().meta({
      description: '`newer row`, `newer tombstone` (it had been deleted), or `unique value`.',
      examples: ['newer row'],
    }),
    rejected: version('The change that has no effect on any node.'),
    kept: version('What is there instead.'),
    rejected_row: row('The row that was rejected; only with `rows=true`.'),
    kept_row: row('The row that was there; only with `rows=true`.'),
  })
  .meta({ id: 'Conflict', description: 'A change that was rejected, recorded once.' });
export type ApiConflict = z.output<typeof ApiConflict>;

export const ListConflictsResponse = z
  .object({
    conflicts: z.array(ApiConflict).meta({ description: 'Newest first.' }),
    next: z.string().optional().meta({ description: 'The `after` of the next page; absent: this is the last one.' }),
    missing: z
      .array(z.object({ node: z.string(), reason: z.string() }))
      .optional()
      .meta({ description: 'Nodes that could not be asked: what they recorded is not in the list.' }),
  })
  .meta({ id: 'ListConflictsResponse', description: 'What was rejected because something newer was there.' });
export type ListConflictsResponse = z.output<typeof ListConflictsResponse>;

export const SkipTransactionRequest = z
  .object({
    peer: z
      .string()
      .regex(/^n[0-9]+$/)
      .meta({ description: 'Node whose transaction is left out.', examples: ['n2'] }),
    lsn: z
      .string()
      .regex(/^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/)
      .meta({ description: 'Where the stream is stopped: `stopped_at` of the pair.', examples: ['0/1A2B3C8'] }),
  })
  .meta({ id: 'SkipTransactionRequest', description: 'Which transaction is left out, for good.' });
export type SkipTransactionRequest = z.output<typeof SkipTransactionRequest>;
