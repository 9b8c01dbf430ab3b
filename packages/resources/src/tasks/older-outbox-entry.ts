import { z } from 'zod';
import { ownsAtOnce } from './traits.ts';
import { TASK_TYPES } from './records.ts';

/** Only databases had such entries, and everything that could be asked lay side by side. */
const older = z.looseObject({
  databaseId: z.string(),
  taskId: z.string(),
  type: z.enum(TASK_TYPES),
  tenantId: z.string().optional(),
  supersedes: z.string().optional(),
  scheduledAt: z.string().optional(),
  nodeName: z.string().optional(),
  backup: z.looseObject({}).optional(),
});

/**
 * What an earlier release wrote into the outbox, in the form of today; everything else as it is. A task that owns nothing is
 * about a node: an entry of one that names none was there to tell its cancel again.
 */
export function olderOutboxEntry(value: unknown): unknown {
  const read = older.safeParse(value);
  if (!read.success) return value;
  const { databaseId, taskId, type, tenantId, supersedes, parentId: _parentId, backup, ...facts } = read.data;
  const entity = { kind: 'database', id: databaseId };
  if (!ownsAtOnce(read.data) && facts.nodeName === undefined) return { entity, taskId, cancel: true };
  return { entity, taskId, type, tenantId, supersedes, input: { ...facts, ...backup } };
}
