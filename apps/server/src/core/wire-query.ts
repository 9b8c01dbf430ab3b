import { z } from 'zod';
import { WireError } from './wire-error.ts';
import { toId, toUuid } from './wire-input.ts';

type Given = string | string[] | undefined;

/** One query parameter: how it is documented, and how what was given becomes a value. */
export interface QueryField<T> {
  readonly schema: z.ZodType;
  /** Throws for what it is not; an empty one is an absent one. */
  read(given: Given, name: string): T;
}
export type QueryFields = Readonly<Record<string, QueryField<unknown>>>;

/** What a route is given of the parameters it declares. */
export type QueryOf<Q extends QueryFields> = { readonly [Name in keyof Q]: ReturnType<Q[Name]['read']> };

/** Every declared parameter, in the order in which they are declared; others mean nothing. */
export function readQuery<Q extends QueryFields>(fields: Q, given: Readonly<Record<string, Given>>): QueryOf<Q> {
  const read = Object.entries(fields).map(([name, field]) => [name, field.read(given[name], name)] as const);
  return Object.fromEntries(read) as QueryOf<Q>;
}

/** Of a parameter that is repeated the first counts. */
const field = <T>(schema: z.ZodType, absent: T, parse: (text: string, name: string) => T): QueryField<T> => ({
  schema,
  read: (given, name) => {
    const text = Array.isArray(given) ? given[0] : given;
    return text === undefined || text === '' ? absent : parse(text, name);
  },
});
const optional = <T>(schema: z.ZodType, parse: (text: string, name: string) => T): QueryField<T | undefined> =>
  field<T | undefined>(schema, undefined, parse);

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

const wrongType = (text: string, name: string, type: string): WireError =>
  new WireError('invalid_field_type', `invalid value "${text.slice(0, 64)}" for "${name}", must be a ${type}`);

/** Yes or no; absent: no. */
export const flag = (description: string): QueryField<boolean> =>
  field(z.boolean().meta({ description }), false, (text, name) => {
    if (TRUE.has(text)) return true;
    if (FALSE.has(text)) return false;
    throw wrongType(text, name, 'boolean');
  });

export const integer = (description: string): QueryField<number | undefined> =>
  optional(z.number().meta({ description, type: 'integer' }), (text, name) => {
    if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
    throw wrongType(text, name, 'integer');
  });

export const uuid = (description: string): QueryField<string | undefined> =>
  optional(z.string().meta({ description, format: 'uuid' }), toUuid);

/** One word of a list. */
export const oneOf = <const T extends string>(values: readonly T[], description: string): QueryField<T | undefined> =>
  optional(z.enum(values).meta({ description }), (text, name) => {
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    const most = values.map((v) => `"${v}"`).join(', ');
    throw new WireError(
      'invalid_enum_value',
      `value of ${name} must be one of ${most} but got value "${text.slice(0, 64)}"`,
    );
  });

export const words = (description: string): QueryField<string | undefined> =>
  optional(z.string().meta({ description }), (text) => text);

export const id = (description: string): QueryField<string | undefined> =>
  optional(z.string().meta({ description }), toId);

/** Values given by repeating the parameter. */
export const several = (description: string): QueryField<string[]> => ({
  schema: z.array(z.string()).meta({ description }),
  read: (given) => [given ?? []].flat().filter((value) => value !== ''),
});

/** Ids given by repeating the parameter. */
export const ids = (description: string): QueryField<string[]> => {
  const { schema, read } = several(description);
  return { schema, read: (given, name) => read(given, name).map((text) => toId(text, name)) };
};
