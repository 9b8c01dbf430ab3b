import { z } from 'zod';

const Payload = z
  .object({
    metadata: z
      .record(z.string(), z.string())
      .default({})
      .meta({ description: 'Each value in base64; `encoding` says how the data is to be read.' }),
    data: z.string().optional().meta({ description: 'In base64.' }),
  })
  .meta({ id: 'TemporalPayload', description: 'A payload of Temporal, as its UI and its command-line tool send it.' });

/** What Temporal's UI and `temporal --codec-endpoint` send and expect back. */
export const TemporalPayloads = z
  .object({ payloads: z.array(Payload).max(1000) })
  .meta({ id: 'TemporalPayloads', description: 'Payloads of Temporal, in an order that is kept.' });
export type TemporalPayloads = z.output<typeof TemporalPayloads>;
