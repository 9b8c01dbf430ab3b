import { z } from 'zod';

export const InstanceLogResponse = z
  .object({
    lines: z
      .array(
        z.object({
          time: z.string().meta({ description: 'When it was written.', examples: ['2026-01-31T12:00:00.123456789Z'] }),
          text: z.string().meta({ description: 'What was written; passwords that can be told are `***`.' }),
        }),
      )
      .meta({ description: 'Of Postgres and Patroni, oldest first; the newest that fit.' }),
    cut: z.boolean().meta({ description: 'Older lines that fit were left out.' }),
    next: z.string().optional().meta({ description: 'The `after` with which to go on; absent: there were no lines.' }),
  })
  .meta({ id: 'InstanceLogResponse', description: 'What an instance wrote since its container began.' });
export type InstanceLogResponse = z.output<typeof InstanceLogResponse>;
