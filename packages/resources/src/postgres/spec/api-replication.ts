import { z } from 'zod';
import { Timestamp } from '../../api/texts.ts';

const bytes = (description: string, example: number) =>
  z
    .number()
    .min(0)
    .optional()
    .meta({ description, examples: [example] });

export const ReplicationSlot = z
  .object({
    exists: z.boolean().meta({ description: 'There is a slot; else the reader has not come yet, or it was dropped.' }),
    active: z.boolean().meta({ description: 'Somebody reads from it.' }),
    wal_status: z
      .string()
      .optional()
      .meta({ description: "Postgres' word: `reserved`, `extended`, `unreserved`, `lost`.", examples: ['reserved'] }),
    safe_wal_size: z
      .number()
      .optional()
      .meta({
        description: 'Bytes that may be written before it is lost; absent: there is no limit.',
        examples: [1e9],
      }),
    retained_bytes: bytes('WAL that is kept for it.', 8192),
  })
  .meta({ id: 'ReplicationSlot', description: 'The place of the reader in the WAL of the node it reads from.' });

export const ReplicationPair = z
  .object({
    node: z.string().meta({ description: 'Node that applies.', examples: ['n1'] }),
    from: z.string().meta({ description: 'Node whose changes it applies.', examples: ['n2'] }),
    state: z.enum(['replicating', 'initializing', 'down', 'stopped', 'unknown']).meta({
      description:
        '`down`: tried again by itself; `stopped`: only a person can help; `unknown`: nobody could be asked.',
      examples: ['replicating'],
    }),
    waits_for: z.string().optional().meta({ description: 'What it waits for, in words.' }),
    lag_bytes: bytes('WAL that was written and is not applied.', 0),
    lag_ms: bytes('For how long something waits to be applied.', 0),
    last_commit_at: Timestamp.optional(),
    clock_offset_ms: z
      .number()
      .optional()
      .meta({ description: "How much the other node's clock is ahead.", examples: [1.5] }),
    stopped_at: z
      .string()
      .optional()
      .meta({ description: 'Transaction at which it is stopped: the `lsn` of a skip.', examples: ['0/1A2B3C8'] }),
    slot: ReplicationSlot.optional(),
  })
  .meta({ id: 'ReplicationPair', description: 'How one node follows another one.' });
export type ReplicationPair = z.output<typeof ReplicationPair>;

export const ReplicationNode = z
  .object({
    name: z.string().meta({ description: 'Name of the node.', examples: ['n1'] }),
    instance_id: z.string().optional().meta({ description: 'Its primary; absent: none is heard of.' }),
    sampled_at: Timestamp.optional(),
    conflicts: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Conflicts recorded there since its replicator began.', examples: [0] }),
    error: z.string().optional().meta({ description: 'Why nothing is known of it now.' }),
  })
  .meta({ id: 'ReplicationNode', description: 'What is known of the replicator of a node.' });
export type ReplicationNode = z.output<typeof ReplicationNode>;

export const GetReplicationResponse = z
  .object({
    nodes: z.array(ReplicationNode),
    pairs: z.array(ReplicationPair).meta({ description: 'By node, then by the node it applies from.' }),
  })
  .meta({ id: 'GetReplicationResponse', description: 'How the nodes follow one another; empty for a single node.' });
export type GetReplicationResponse = z.output<typeof GetReplicationResponse>;
