import { characters } from '@windlass/resources/api';
import type { z } from 'zod';
import { WireError } from './wire-error.ts';

type Issue = z.core.$ZodIssue;

/** What a rule of a body may need to know of the rest of its request. */
export interface BodyContext {
  readonly params: Readonly<Record<string, string>>;
  readonly now: Date;
}

/** The body of a route: how it is documented, and how what was sent becomes a value. It is read once. */
export interface Body<T> {
  readonly schema: z.ZodType;
  /**
   * Refuses what breaks the schema: such errors come before `cluster_not_initialized`. What it gives back makes the value
   * afterwards, and refuses what breaks a rule.
   */
  read(given: unknown): (context: BodyContext) => T | Promise<T>;
}

/** A body that is whatever its schema says. */
export const jsonBody = <T>(schema: z.ZodType<T>): Body<T> => ({
  schema,
  read: (given) => {
    const body = parseBody(schema, requiredBody(given));
    return () => body;
  },
});

/** The same of a body that may be left out: it is empty then. */
export const optionalBody = <T>(schema: z.ZodType<T>): Body<T> => {
  const { read } = jsonBody(schema);
  return { schema, read: (given) => read(given ?? {}) };
};

/** A body that only a function of the domain can read: it says what the schema cannot, and in which words. */
export const checkedBody = <T>(
  schema: z.ZodType,
  check: (body: Record<string, unknown>, context: BodyContext) => T | Promise<T>,
): Body<T> => ({
  schema,
  read: (given) => {
    const body = requiredBody(given);
    return (context) => check(body, context);
  },
});

/** A body where one is required. */
function requiredBody(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) throw new WireError('missing_payload', 'missing required payload');
  if (typeof body !== 'object' || Array.isArray(body))
    throw new WireError('decode_payload', 'the body must be a JSON object');
  return body as Record<string, unknown>;
}

/** The body as its schema says; every broken rule in one error, which has the name of the first. */
function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(withoutNulls(body));
  if (parsed.success) return parsed.data;
  const found = parsed.error.issues.map((issue) => toWire(issue, at(body, issue.path)));
  throw new WireError(found[0]?.name ?? 'decode_payload', found.map((f) => f.message).join('; '));
}

/** `null` is the same as absent. */
function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

const at = (body: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], body);

function toWire(issue: Issue, value: unknown): { name: string; message: string } {
  const field = issue.path.filter((part) => typeof part === 'string').at(-1) ?? '';
  const where = `body.${field}${typeof issue.path.at(-1) === 'number' ? '[*]' : ''}`;
  const got = `got value "${String(value).slice(0, 64)}"`;
  if (value === undefined || value === null)
    return { name: 'missing_field', message: `"${field}" is missing from body` };
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const rule =
      issue.code === 'too_small'
        ? `greater or equal than ${String(issue.minimum)}`
        : `lesser or equal than ${String(issue.maximum)}`;
    const length = typeof value === 'string' ? characters(value) : (value as unknown[]).length;
    return { name: 'invalid_length', message: `length of ${where} must be ${rule} but ${got} (len=${String(length)})` };
  }
  if (issue.code === 'invalid_format' && issue.format === 'datetime')
    return {
      name: 'invalid_format',
      message: `${where} must be formatted as a date-time but ${got}, ${issue.message}`,
    };
  if (issue.code === 'invalid_format') {
    const { pattern } = issue as { pattern?: string };
    return { name: 'invalid_pattern', message: `${where} must match the regexp "${String(pattern)}" but ${got}` };
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((v) => `"${String(v)}"`).join(', ');
    return { name: 'invalid_enum_value', message: `value of ${where} must be one of ${values} but ${got}` };
  }
  return { name: 'decode_payload', message: `${where}: ${issue.message}` };
}

/** A time that passed its schema. */
export const timeOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
