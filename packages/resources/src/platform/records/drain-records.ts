import { z } from 'zod';
import { Collection } from '../../store/collection.ts';

/** A switchover that takes a primary off the host. */
export interface DrainMove {
  readonly databaseId: string;
  readonly nodeName: string;
  /** The instance that is to be the primary no longer. */
  readonly instanceId: string;
  readonly taskId: string;
}

/** `drains/<host>`: a host on which nothing new is placed until it is resumed, and the switchovers that lead primaries away. */
export interface DrainRecord {
  readonly hostId: string;
  /** The task that drains it, or did last: how that ended is how far the host is. */
  readonly taskId: string;
  /** RFC 3339; since when nothing is placed on it. */
  readonly since: string;
  readonly moves: readonly DrainMove[];
}

const move = z.looseObject({
  databaseId: z.string(),
  nodeName: z.string(),
  instanceId: z.string(),
  taskId: z.string(),
});

const drainRecord: z.ZodType<DrainRecord> = z.looseObject({
  hostId: z.string(),
  taskId: z.string(),
  since: z.string(),
  moves: z.array(move),
});

/** Hosts that are being drained or are drained. */
export const drainRecords = new Collection<DrainRecord, [hostId: string]>('drains', drainRecord);
