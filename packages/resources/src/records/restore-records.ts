import { z } from 'zod';
import { restoreOrigin } from '../restore/restore-wish.ts';
import { Collection } from '../store/collection.ts';
import type { RestoreRecord, SwapRecord } from '../store/ports.ts';

const restoreRecord: z.ZodType<RestoreRecord> = z.looseObject({
  taskId: z.string(),
  createdAt: z.string(),
  origin: restoreOrigin,
});

const swapRecord: z.ZodType<SwapRecord> = z.looseObject({
  taskId: z.string(),
  databaseId: z.string(),
  nodeName: z.string(),
  instanceId: z.string(),
  hostId: z.string(),
  at: z.string(),
  fromTimeline: z.number().exactOptional(),
  data: z.enum(['kept', 'taken', 'expiring', 'gone']),
  until: z.string(),
});

/** What each restore is to do. Its credentials are sealed elsewhere. */
export const restoreRecords = new Collection<RestoreRecord, [databaseId: string, taskId: string]>(
  'restores',
  restoreRecord,
);
/** Nodes whose data was changed for other data. */
export const swapRecords = new Collection<SwapRecord, [databaseId: string, nodeName: string, taskId: string]>(
  'swaps',
  swapRecord,
);
