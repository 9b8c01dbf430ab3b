import { z } from 'zod';
import { ApiTask } from '../../api/api-task.ts';
import { Timestamp } from '../../api/texts.ts';

const DAY_S = 86_400;
export const GRACE_SECONDS = { most: 90 * DAY_S, default: DAY_S } as const;

export const RotateUserRequest = z
  .strictObject({
    grace_seconds: z
      .int()
      .min(0)
      .max(GRACE_SECONDS.most)
      .optional()
      .meta({
        description: 'For how long the login that is in use now stays good beside the new one.',
        default: GRACE_SECONDS.default,
        examples: [DAY_S],
      }),
    end_former: z
      .boolean()
      .optional()
      .meta({ description: 'Also while the login of before the last rotation is still good: it ends now.' }),
  })
  .meta({ id: 'RotateUserRequest', description: 'Another password for a user.' });
export type RotateUserRequest = z.output<typeof RotateUserRequest>;

export const RotateUserResponse = z
  .object({
    task: ApiTask,
    username: z.string().meta({ description: 'Name to log in with from now on.', examples: ['app_alt'] }),
    password: z.string().meta({ description: 'The new password; it is shown this once, and kept nowhere.' }),
    former: z
      .object({
        username: z.string().meta({ description: 'Name of the login that was in use.', examples: ['app'] }),
        valid_until: Timestamp.meta({ description: 'Until when it is good.' }),
      })
      .meta({ description: 'What is to be replaced.' }),
  })
  .meta({ id: 'RotateUserResponse', description: 'The new login of a user, good when the task is completed.' });
export type RotateUserResponse = z.output<typeof RotateUserResponse>;
