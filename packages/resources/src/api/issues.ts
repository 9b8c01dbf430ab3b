import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';

/** One thing that is wrong, and where; `path` holds keys and positions. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Fields that are maps: their keys print in brackets. */
const MAPS = new Set([
  'postgresql_conf',
  'extra_labels',
  'driver_opts',
  'custom_options',
  'restore_options',
  'backup_options',
  'annotations',
  'config',
]);
const shown = (key: PropertyKey): string => String(key).slice(0, 128);

/** `nodes[0].host_ids[1]`, `postgresql_conf[hba_file]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  path.forEach((key, i) => {
    const inMap = typeof key === 'number' || MAPS.has(String(path[i - 1]));
    text += inMap ? `[${shown(key)}]` : `${text === '' ? '' : '.'}${shown(key)}`;
  });
  return text;
}

/** `<path>: <text>`, or the text alone when there is no path. */
export function formatIssue(issue: Issue): string {
  const path = formatPath(issue.path);
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

/** All issues, one a line. */
export const formatIssues = (issues: readonly Issue[]): string => issues.map(formatIssue).join('\n');

/** The known name most like the given one, if one is near enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name.length > 64) return undefined;
  const lower = name.toLowerCase().replaceAll('-', '_');
  const best = closest(lower, [...known]);
  return distance(lower, best) <= Math.max(2, Math.floor(best.length / 3)) ? best : undefined;
}

/** The schema without `optional` and its like around it. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) inner = inner.unwrap();
  return inner;
}

function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  let at: z.core.$ZodType | undefined = unwrap(schema);
  for (const key of path) {
    if (at instanceof z.ZodArray) at = unwrap(at.element as z.core.$ZodType);
    else if (at instanceof z.ZodObject) at = at.shape[String(key)] && unwrap(at.shape[String(key)] as z.core.$ZodType);
    else if (at instanceof z.ZodRecord) at = unwrap(at.valueType as z.core.$ZodType);
    else return undefined;
  }
  return at;
}

function unknownFields(schema: z.ZodType, issue: z.core.$ZodIssueUnrecognizedKeys): Issue[] {
  const at = schemaAt(schema, issue.path);
  const known = at instanceof z.ZodObject ? Object.keys(at.shape) : [];
  return issue.keys.slice(0, 20).map((key) => {
    const near = nearest(key, known);
    return {
      path: [...issue.path, key],
      message: near === undefined ? 'unknown field' : `unknown field; did you mean "${near}"?`,
    };
  });
}

function limitText(issue: z.core.$ZodIssue): string {
  if ((issue.code !== 'too_small' && issue.code !== 'too_big') || !issue.message.startsWith('Too'))
    return issue.message;
  const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  if (issue.origin === 'array') return `must have ${limit} item${/ 1$/.test(limit) ? '' : 's'}`;
  if (issue.origin === 'string') return `must be ${limit} characters long`;
  return `must be ${limit}`;
}

const ARTICLES: Record<string, string> = {
  object: 'an object',
  array: 'an array',
  int: 'a whole number',
  record: 'an object',
};

function plainText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_small' || issue.code === 'too_big') return limitText(issue);
  if (issue.code === 'invalid_value')
    return issue.message.startsWith('Invalid')
      ? `must be one of ${issue.values.map((v) => `"${String(v)}"`).join(', ')}`
      : issue.message;
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) return issue.message;
  return `must be ${ARTICLES[issue.expected] ?? `a ${issue.expected}`}`;
}

function atPath(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    input,
  );
}

function translate(schema: z.ZodType, input: unknown, issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === 'unrecognized_keys') return unknownFields(schema, issue);
  if (issue.code === 'invalid_key') return [{ path: issue.path, message: issue.issues[0]?.message ?? 'invalid name' }];
  if (issue.code === 'invalid_union') {
    const inner = issue.errors
      .flat()
      .find((one) => one.code !== 'invalid_type' || !one.message.startsWith('Invalid input'));
    return [{ path: issue.path, message: inner?.message ?? 'must be a string, a number or a boolean' }];
  }
  const absent = issue.code !== 'custom' && issue.path.length > 0 && atPath(input, issue.path) === undefined;
  return [{ path: issue.path, message: absent ? 'is required' : plainText(issue) }];
}

/** What zod found, in our words: unknown fields with the nearest known one, and never the value itself. */
export function issuesOf(schema: z.ZodType, input: unknown, error: z.ZodError): Issue[] {
  return error.issues.slice(0, 100).flatMap((issue) => translate(schema, input, issue as z.core.$ZodIssue));
}
