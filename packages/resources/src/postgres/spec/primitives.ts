import { z } from 'zod';
import { LOOK_ROLE, REPLICATOR_ROLE } from './own-sessions.ts';
import { CONTROL, text } from '../../api/texts.ts';
import { parseCpus, parseMemory, UnitError } from './units.ts';

const RESERVED_ROLES = new Set([
  'windlass',
  LOOK_ROLE,
  REPLICATOR_ROLE,
  'patroni_replicator',
  'patroni_rewind',
  'public',
  'none',
]);
const RESERVED_DATABASES = new Set(['postgres', 'template0', 'template1']);

/** True for role names the control plane and Postgres keep for themselves. */
export function isReservedRole(name: string): boolean {
  return RESERVED_ROLES.has(name) || name.startsWith('pg_');
}

const quantity = (parse: (text: string) => number, what: string) => (input: string, ctx: z.RefinementCtx) => {
  try {
    parse(input);
  } catch (err) {
    if (!(err instanceof UnitError)) throw err;
    ctx.addIssue({ code: 'custom', message: `failed to parse ${what}: ${err.message}` });
  }
};

export const Cpus = z
  .string()
  .superRefine(quantity(parseCpus, 'CPUs'))
  .meta({ description: 'Number of cores, or thousandths of a core with the suffix `m`.', examples: ['2', '500m'] });

export const Memory = z
  .string()
  .max(16, { error: 'must be at most 16 characters long' })
  .superRefine(quantity(parseMemory, 'bytes'))
  .meta({ description: 'Bytes, with a decimal (`GB`) or binary (`GiB`) unit.', examples: ['4GiB', '512MB'] });

export const PostgresVersion = z
  .string()
  .regex(/^\d{2}\.\d{1,2}$/, { error: 'must be a Postgres version such as "17.6"' })
  .meta({ description: 'Postgres version, major and minor.', examples: ['17.6'] });

export const SpockVersion = z
  .string()
  .regex(/^\d$/, { error: 'must be a major version such as "5"' })
  .meta({
    description: 'Major version of Spock whose names the schema `spock` of a database of several nodes has; `5`.',
    examples: ['5'],
  });

export const Port = z
  .int({ error: 'must be a whole number from 0 to 65535' })
  .min(0)
  .max(65535)
  .meta({ description: 'Published port; 0 takes a free port and keeps it, absent publishes none.', examples: [5432] });

export const NodeName = z
  .string()
  .regex(/^n[0-9]{1,9}$/, { error: 'must be "n" followed by a number, such as "n1"' })
  .meta({ description: 'Name of a node: `n` and a number.', examples: ['n1'] });

const named = (max: number) =>
  text(1, max)
    .refine((name) => Buffer.byteLength(name) <= 63, { error: 'must be at most 63 bytes long' })
    .refine((name) => !CONTROL.test(name), { error: 'must not contain control characters' });

export const RoleName = named(63).meta({
  description: 'Name of a Postgres role, at most 63 bytes.',
  examples: ['app'],
});

export const Username = named(63)
  .refine((name) => !isReservedRole(name) && name !== 'pgedge_superuser', {
    error: 'this name is reserved for system use',
  })
  .meta({
    description:
      'Name of the role; `windlass`, `windlass_look`, `windlass_replicator`, `patroni_replicator`, `patroni_rewind` and names starting with `pg_` are reserved.',
    examples: ['app'],
  });

export const DatabaseName = named(31)
  .refine((name) => !RESERVED_DATABASES.has(name), { error: 'this name is reserved for system use' })
  .meta({ description: 'Name of the Postgres database; it cannot be changed later.', examples: ['storefront'] });

export const OptionKey = z.string().regex(/^[a-z0-9-]+$/, { error: 'invalid option name' });
