import { DomainError } from '@windlass/resources/errors';
import { Identifier, ID_TEXT } from '@windlass/resources/spec';
import { WireError } from './wire-error.ts';

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

type Query = Readonly<Record<string, string | string[] | undefined>>;

const first = (value: string | string[] | undefined): string | undefined => {
  const one = Array.isArray(value) ? value[0] : value;
  return one === '' ? undefined : one;
};

export function queryBoolean(query: Query, name: string): boolean {
  const value = first(query[name]);
  if (value === undefined || FALSE.has(value)) return false;
  if (TRUE.has(value)) return true;
  throw new WireError('invalid_field_type', `invalid value "${value.slice(0, 64)}" for "${name}", must be a boolean`);
}

export function queryInteger(query: Query, name: string): number | undefined {
  const value = first(query[name]);
  if (value === undefined) return undefined;
  if (/^[+-]?\d{1,15}$/.test(value)) return Number(value);
  throw new WireError('invalid_field_type', `invalid value "${value.slice(0, 64)}" for "${name}", must be a integer`);
}

const HEX = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const UUID_FORMS = [`(${HEX})`, `urn:uuid:(${HEX})`, `\\{(${HEX})\\}`, '([0-9a-f]{32})'].map(
  (f) => new RegExp(`^${f}$`, 'i'),
);

/** The canonical form of a UUID given in any of its four: with or without hyphens, in braces, as a URN. */
export function parseUuid(text: string): string | undefined {
  const found = UUID_FORMS.map((form) => form.exec(text)?.[1]).find((part) => part !== undefined);
  const hex = found?.replaceAll('-', '').toLowerCase();
  return hex?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function uuidOf(value: string, name: string): string {
  const uuid = parseUuid(value);
  if (uuid !== undefined) return uuid;
  throw new WireError(
    'invalid_format',
    `${name} must be formatted as a uuid but got value "${value.slice(0, 64)}", invalid UUID`,
  );
}

export function queryUuid(query: Query, name: string): string | undefined {
  const value = first(query[name]);
  return value === undefined ? undefined : uuidOf(value, name);
}

export function queryEnum<T extends string>(query: Query, name: string, values: readonly T[]): T | undefined {
  const value = first(query[name]);
  if (value === undefined || values.includes(value as T)) return value as T | undefined;
  throw new WireError(
    'invalid_enum_value',
    `value of ${name} must be one of ${values.map((v) => `"${v}"`).join(', ')} but got value "${value.slice(0, 64)}"`,
  );
}

export const queryText = (query: Query, name: string): string | undefined => first(query[name]);

/** Ids given by repeating a parameter. */
export function queryIds(query: Query, name: string): string[] {
  const values = [query[name] ?? []].flat().filter((value) => value !== '');
  for (const value of values)
    if (!Identifier.safeParse(value).success) throw new DomainError('invalid_input', `${name}: ${ID_TEXT}`);
  return values;
}

/** An id in a path; its length was checked before. */
export function pathId(params: Readonly<Record<string, string>>, name: string): string {
  const value = params[name] ?? '';
  if (!Identifier.safeParse(value).success) throw new DomainError('invalid_input', `${name}: ${ID_TEXT}`);
  return value;
}

export const pathUuid = (params: Readonly<Record<string, string>>, name: string): string =>
  uuidOf(params[name] ?? '', name);

const SORT = ['asc', 'ascend', 'ascending', 'desc', 'descend', 'descending'] as const;

export function taskQuery(query: Query): { afterTaskId?: string; limit?: number; ascending: boolean } {
  const afterTaskId = queryUuid(query, 'after_task_id');
  const limit = queryInteger(query, 'limit');
  const order = queryEnum(query, 'sort_order', SORT);
  return {
    ...(afterTaskId !== undefined && { afterTaskId }),
    ...(limit !== undefined && { limit }),
    ascending: order?.startsWith('asc') ?? false,
  };
}

/** A body where one is required. */
export function requiredBody(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) throw new WireError('missing_payload', 'missing required payload');
  if (typeof body !== 'object' || Array.isArray(body))
    throw new WireError('decode_payload', 'the body must be a JSON object');
  return body as Record<string, unknown>;
}
