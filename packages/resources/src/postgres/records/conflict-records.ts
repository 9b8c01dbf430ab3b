import { z } from 'zod';
import type { ConflictRecord } from '../operations/read-conflicts.ts';

const version = z.object({ node: z.number().nullable(), committedAt: z.string().nullable() });

/** What a node answers that was asked for its conflicts, as it is sealed. */
export const conflictRecords: z.ZodType<ConflictRecord[]> = z.array(
  z.object({
    ...{ id: z.string(), noticedAt: z.string(), table: z.string(), key: z.string(), lostTo: z.string() },
    ...{ loser: version, winner: version, incoming: z.unknown().optional(), here: z.unknown().optional() },
  }),
);
/** The key of a conflict. */
export const conflictKey = z.array(z.unknown());
