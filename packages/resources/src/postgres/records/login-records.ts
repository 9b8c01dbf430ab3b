import { z } from 'zod';
import type { OpenedLogin } from '../operations/open-login.ts';

/** What a primary answers that was asked for a login, as it is sealed. */
export const openedLogin: z.ZodType<OpenedLogin> = z.object({
  name: z.string(),
  password: z.string(),
  actsAs: z.string(),
  until: z.string(),
});
