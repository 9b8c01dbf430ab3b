import { z } from 'zod';

const Candidate = z
  .string()
  .meta({ description: 'Instance that is to become the primary; absent: the best one.', examples: ['storefront-n1-9ptayhma'] }); // prettier-ignore

/** RFC 3339, with seconds and with an offset. */
const ScheduledAt = z.iso
  .datetime({ offset: true, error: 'not an RFC 3339 time' })
  .regex(/T\d\d:\d\d:\d\d/, { error: 'not an RFC 3339 time' })
  .optional()
  .meta({ description: 'When to begin, RFC 3339; absent: now.', examples: ['2026-01-31T03:00:00Z'] });

export const SwitchoverBody = z
  .object({ candidate_instance_id: Candidate.min(1).max(63).optional(), scheduled_at: ScheduledAt })
  .meta({ id: 'SwitchoverBody', description: 'How to hand over; may be left out.' });

export const FailoverBody = z
  .object({
    candidate_instance_id: Candidate.optional(),
    skip_validation: z
      .boolean()
      .optional()
      .meta({ description: 'Also when the node is healthy, and when nobody can say how much would be lost.' }),
  })
  .meta({ id: 'FailoverBody', description: 'How to take over; may be left out.' });

export const ApplyUpgradeRequest = z
  .object({
    image: z
      .string()
      .min(1)
      .meta({ description: 'Name or id of an image that every host of the database has.', examples: ['windlass/postgres:17'] }), // prettier-ignore
  })
  .meta({ id: 'ApplyUpgradeRequest', description: 'The image to run from now on: of the same major version.' });

export const RestartBody = z
  .object({ scheduled_at: ScheduledAt })
  .meta({ id: 'RestartBody', description: 'When to restart; may be empty.' });
