import { z } from 'zod';
export { PERSON_PREFIX } from './own-sessions.ts';
import { NodeName, Username } from './primitives.ts';

/** For how long a login lasts, in seconds. */
export const LOGIN_SECONDS = { least: 5, most: 3600, default: 3600 } as const;

export const OpenLoginRequest = z
  .strictObject({
    access: z
      .enum(['user', 'read', 'superuser'])
      .optional()
      .meta({
        description:
          '`user`: the rights of a user of the spec; `read`: every table, and nothing is changed; `superuser`: everything, for admins only.',
        default: 'user',
        examples: ['read'],
      }),
    user: Username.optional().meta({
      description: 'With access `user`, whose rights: absent, those of the owner of the database.',
      examples: ['app'],
    }),
    node: NodeName.optional().meta({ description: 'Where; absent: on the first node.', examples: ['n1'] }),
    seconds: z
      .int()
      .min(LOGIN_SECONDS.least)
      .max(LOGIN_SECONDS.most)
      .optional()
      .meta({ description: 'For how long.', default: LOGIN_SECONDS.default, examples: [900] }),
  })
  .meta({ id: 'OpenLoginRequest', description: 'A login of a person for a while.' });
export type OpenLoginRequest = z.output<typeof OpenLoginRequest>;

export const OpenLoginResponse = z
  .object({
    login: z
      .object({
        username: z.string().meta({ description: 'Name to log in with.', examples: ['windlass_login_k3v9t0qx1m2a'] }),
        acts_as: z.string().meta({ description: 'Role that sessions work as.', examples: ['app'] }),
        node_name: z.string().meta({ description: 'Node it is on.', examples: ['n1'] }),
        database_name: z.string().meta({ description: 'Name of the Postgres database.', examples: ['storefront'] }),
        expires_at: z.string().meta({
          description: 'Until when: then its sessions are ended, too.',
          examples: ['2026-01-31T13:00:00Z'],
        }),
      })
      .meta({ description: 'The login, without its secret.' }),
    password: z.string().meta({ description: 'Its password; it is shown this once, and kept nowhere.' }),
    addresses: z
      .array(z.object({ host: z.string(), port: z.int() }))
      .meta({ description: 'Where the instances of the node are, its primary first.' }),
    ca: z.string().meta({ description: 'Certificate of the authority that signed those of the servers, PEM.' }),
  })
  .meta({ id: 'OpenLoginResponse', description: 'A login for a while, and how to use it.' });
export type OpenLoginResponse = z.output<typeof OpenLoginResponse>;

export const DatabaseCa = z
  .object({
    certificate: z.string().meta({ description: 'PEM; what `sslrootcert` names a file of.' }),
    fingerprint: z.string().meta({ description: 'SHA-256 of the certificate, hexadecimal.' }),
    expires_at: z.string().meta({ description: 'Until when it is good.', examples: ['2036-01-31T12:00:00Z'] }),
  })
  .meta({ id: 'DatabaseCa', description: 'Who signed the certificates of the servers of a database.' });
export type DatabaseCa = z.output<typeof DatabaseCa>;
