import { z } from 'zod';

export const ApiError = z
  .object({
    name: z.string().meta({ description: 'Name of the error; stable.', examples: ['invalid_input'] }),
    message: z.string().meta({
      description: 'What is wrong, one problem a line.',
      examples: ['nodes[0].port: must be a whole number from 0 to 65535'],
    }),
  })
  .meta({ id: 'ApiError', description: 'Why a request failed.' });
export type ApiError = z.output<typeof ApiError>;
