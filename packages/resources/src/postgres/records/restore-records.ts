import { z } from 'zod';
import { restoreOrigin, type RestoreOrigin } from '../restore/restore-wish.ts';
import { Collection } from '../../store/collection.ts';

/** `restores/<database>/<task>`: what a restore is to do. Its credentials are sealed elsewhere. */
export interface RestoreRecord {
  readonly taskId: string;
  readonly createdAt: string;
  readonly origin: RestoreOrigin;
}

/** `swaps/<database>/<node>/<task>`: the data of a node was changed for other data. */
export interface SwapRecord {
  readonly taskId: string;
  readonly databaseId: string;
  readonly nodeName: string;
  readonly instanceId: string;
  readonly hostId: string;
  /** Until here the node was on `fromTimeline`; damaged data does not tell which one that was. */
  readonly at: string;
  readonly fromTimeline?: number;
  /** `kept`: what it ran with before is still there. `taken`: it is the data of the node again, or about to be. */
  readonly data: 'kept' | 'taken' | 'expiring' | 'gone';
  /** It is kept until then. */
  readonly until: string;
}

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
