import { z } from 'zod';
import { RoleName, Username, isReservedRole } from './primitives.ts';
import { text } from '../../api/texts.ts';

/** Role attributes a spec may name, in upper case. */
export const ROLE_ATTRIBUTES = [
  'SUPERUSER', 'NOSUPERUSER', 'CREATEDB', 'NOCREATEDB', 'CREATEROLE', 'NOCREATEROLE', 'INHERIT', 'NOINHERIT',
  'LOGIN', 'NOLOGIN', 'REPLICATION', 'NOREPLICATION', 'BYPASSRLS', 'NOBYPASSRLS',
] as const; // prettier-ignore
export type RoleAttribute = (typeof ROLE_ATTRIBUTES)[number];

/** The attribute in upper case, or undefined when it is not one a spec may name. */
export function parseRoleAttribute(input: string): RoleAttribute | undefined {
  return ROLE_ATTRIBUTES.find((name) => /^[a-z]+$/i.test(input) && name === input.toUpperCase());
}

const Attribute = z
  .string()
  .superRefine((input, ctx) => {
    if (!parseRoleAttribute(input))
      ctx.addIssue({ code: 'custom', message: `unsupported role attribute "${input.slice(0, 64)}"` });
  })
  .meta({ description: `One of ${ROLE_ATTRIBUTES.join(', ')}, in any case.`, examples: ['LOGIN'] });

const GrantedRole = RoleName.refine((name) => name.startsWith('pg_') || !isReservedRole(name), {
  error: 'this role is reserved for system use',
});

export const DatabaseUser = z
  .strictObject({
    username: Username,
    password: text(1, 1024)
      .optional()
      .meta({
        description: 'Write-only; kept when omitted in an update.',
        writeOnly: true,
        examples: ['correct horse battery staple'],
      }),
    db_owner: z
      .boolean()
      .optional()
      .meta({
        description: 'Owns the database, and in it what the former owner had. At most one user.',
        examples: [true],
      }),
    attributes: z
      .array(Attribute)
      .max(16)
      .optional()
      .meta({ description: 'Role attributes.', examples: [['LOGIN', 'CREATEDB']] }),
    roles: z
      .array(GrantedRole)
      .max(16)
      .optional()
      .meta({ description: 'Roles granted to the user.', examples: [['pg_monitor']] }),
  })
  .meta({ id: 'DatabaseUser', description: 'A role of the database.' });
