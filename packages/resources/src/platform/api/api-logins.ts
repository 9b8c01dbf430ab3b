import { z } from 'zod';
import { Identifier, Timestamp } from '../../api/texts.ts';

const id = z.string().meta({ description: 'Id of the token.', examples: ['k3v9t0qx1m2a'] });
const name = z
  .string()
  .min(1)
  .max(64)
  .meta({ description: 'What its owner calls it.', examples: ['ci'] });
const role = z.enum(['viewer', 'operator', 'admin']).meta({
  description: '`viewer` reads, `operator` operates what is declared, too, `admin` may do everything.',
  examples: ['operator'],
});

const tenants = z
  .array(Identifier)
  .min(1)
  .max(100)
  .refine((ids) => new Set(ids).size === ids.length, { error: 'names a tenant twice' })
  .optional()
  .meta({
    description:
      'The tenants whose databases it reaches, and nothing else. Absent: every database, those of no tenant, and the installation itself.',
    examples: [['acme']],
  });

export const ApiToken = z
  .object({
    ...{ id, name, role, tenants },
    created_at: Timestamp,
    expires_at: Timestamp.meta({ description: 'Until when it is good.' }),
    last_used_at: Timestamp.optional().meta({ description: 'When it was shown last, to within a minute.' }),
  })
  .meta({ id: 'ApiToken', description: 'A login of a person or a program, without its secret.' });
export type ApiToken = z.output<typeof ApiToken>;

export const CreateTokenRequest = z
  .strictObject({
    ...{ name, role, tenants },
    expires_in_days: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .meta({ description: 'For how many days it is good.', default: 90, examples: [90] }),
  })
  .meta({ id: 'CreateTokenRequest', description: 'A new login.' });

export const CreateTokenResponse = z
  .object({
    api_token: ApiToken,
    token: z.string().meta({
      description: 'The token; it is shown this once, and kept nowhere.',
      examples: [`wl_k3v9t0qx1m2a_${'A'.repeat(43)}`],
    }),
  })
  .meta({ id: 'CreateTokenResponse', description: 'A new login, and its token.' });

export const ListTokensResponse = z
  .object({
    tokens: z.array(ApiToken).meta({ description: 'All that were not revoked, and have not expired long ago.' }),
  })
  .meta({ id: 'ListTokensResponse', description: 'Logins by token.' });
