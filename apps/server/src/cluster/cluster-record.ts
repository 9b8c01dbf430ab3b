import { Collection } from '@windlass/resources/store';
import { z } from 'zod';

/** The cluster itself: which one it is, and since when. */
export interface ClusterRecord {
  readonly id: string;
  readonly createdAt: string;
}

const clusterRecord: z.ZodType<ClusterRecord> = z.looseObject({ id: z.string(), createdAt: z.string() });

/** There is one, and it has no id among others. */
export const clusterRecords = new Collection<ClusterRecord, []>('cluster', clusterRecord);
