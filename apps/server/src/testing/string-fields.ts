import { z } from 'zod';
import { pathNames } from '../core/wire-path.ts';
import type { Route } from '../core/route.ts';

/** A step into a body: a field, the first of a list, a key of a map that anybody may choose, or what is under one. */
export type Step = string | typeof FIRST | typeof KEY | typeof UNDER;
export const FIRST: unique symbol = Symbol('first');
export const KEY: unique symbol = Symbol('key');
export const UNDER: unique symbol = Symbol('under');

/** A place in a request where a text may stand. */
export interface StringField {
  readonly route: Route;
  readonly where: 'body' | 'query' | 'path' | 'header';
  readonly steps: readonly Step[];
  /** As tests and refusals call it. */
  readonly name: string;
}

/** Headers whose text is read. */
const HEADERS = ['idempotency-key', 'if-match', 'authorization', 'x-forwarded-for'];

/** Every place of every route where a text may stand, as their schemas say. */
export const stringFields = (routes: readonly Route[]): StringField[] =>
  routes.flatMap((route) => [
    ...textsOf(route.body?.schema).map((steps) => fieldOf(route, 'body', steps)),
    ...Object.keys(route.query ?? {}).map((name) => fieldOf(route, 'query', [name])),
    ...pathNames(route.url).map((name) => fieldOf(route, 'path', [name])),
    ...HEADERS.map((name) => fieldOf(route, 'header', [name])),
  ]);

const fieldOf = (route: Route, where: StringField['where'], steps: readonly Step[]): StringField => ({
  route,
  where,
  steps,
  name: `${route.operationId} ${where} ${steps.map(shown).join('.')}`,
});
const shown = (step: Step): string => (typeof step === 'string' ? step : (step.description ?? ''));

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}
type Definitions = Readonly<Record<string, Schema>>;

function textsOf(schema: z.ZodType | undefined): Step[][] {
  if (schema === undefined) return [];
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema & { $defs?: Definitions };
  const found = walk(json, json.$defs ?? {}, []);
  return [...new Map(found.map((steps) => [steps.map(shown).join('.'), steps])).values()];
}

const below = (at: readonly Step[], step: Step): Step[] => [...at, step];

/** A schema without a type takes anything, a text included. */
function walk(schema: Schema, definitions: Definitions, at: readonly Step[]): Step[][] {
  const { $ref, type, items, properties, additionalProperties: values } = schema;
  if ($ref !== undefined) return walk(definitions[$ref.replace('#/$defs/', '')] ?? {}, definitions, at);
  const either = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  const isAny = type === undefined && either.length === 0 && properties === undefined && !('pattern' in schema);
  return [
    ...either.flatMap((one) => walk(one, definitions, at)),
    ...(type === 'string' || isAny ? [[...at]] : []),
    ...(items ? walk(items, definitions, below(at, FIRST)) : []),
    ...Object.entries(properties ?? {}).flatMap(([name, one]) => walk(one, definitions, below(at, name))),
    ...(typeof values === 'object' ? [below(at, KEY), ...walk(values, definitions, below(at, UNDER))] : []),
  ];
}
