import { z } from 'zod';

/** What is sent to Temporal: `plain` until every process can decrypt, or for who wants to read it there. It is read either way. */
export const temporalPayloadSettings = {
  WINDLASS_TEMPORAL_PAYLOADS: z.enum(['encrypted', 'plain']).default('encrypted'),
};
