import { z } from 'zod';

export const ID_TEXT =
  'valid IDs must be 1-36 characters long, contain only lowercase letters, digits, and hyphens, start and end with a letter or digit, and not contain two consecutive hyphens';
const ID = /^(?!.*--)[a-z0-9](?:[a-z0-9-]{0,34}[a-z0-9])?$/;
export const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** How many Unicode characters a text has, as the wire contract counts lengths. */
export const characters = (text: string): number => [...text].length;

const charactersFrom = (min: number, max: number) => (text: string) =>
  characters(text) >= min && characters(text) <= max;

/** Text of `min` to `max` Unicode characters. */
export function text(min: number, max: number): z.ZodString {
  return z
    .string()
    .refine(charactersFrom(min, max), { error: `must be ${min} to ${max} characters long` })
    .meta({ minLength: min, maxLength: max }) as z.ZodString;
}

/** An absolute path without `.`, `..`, empty parts or control characters. */
export function isCleanPath(path: string): boolean {
  const parts = path.split('/');
  return (
    path.startsWith('/') &&
    !CONTROL.test(path) &&
    parts.slice(1).every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

export const Identifier = z
  .string()
  .regex(ID, { error: ID_TEXT })
  .meta({
    description: 'Lower-case letters, digits and single hyphens, 1 to 36 characters.',
    examples: ['storefront'],
  });

export const Timestamp = z
  .string()
  .meta({ description: 'RFC 3339 time, whole seconds.', format: 'date-time', examples: ['2026-01-31T12:00:00Z'] });
