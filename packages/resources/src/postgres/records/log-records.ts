import { z } from 'zod';
import type { InstanceLog } from '../operations/read-log.ts';

/** What a host answers that was asked for the log of an instance, as it is sealed. */
export const instanceLog: z.ZodType<InstanceLog> = z.object({
  lines: z.array(z.object({ at: z.string(), text: z.string() })),
  cut: z.boolean(),
});
