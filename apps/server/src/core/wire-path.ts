import { WireError } from './wire-error.ts';
import { toId, toPart, toUuid } from './wire-input.ts';

/** `/v1/databases/:database_id/nodes/:node_name` has `database_id` and `node_name`. */
export type PathNames<U extends string> = U extends `${string}/:${infer Rest}` ? First<Rest> | PathNames<Rest> : never;
type First<T extends string> = T extends `${infer Head}/${string}` ? Name<Head> : Name<T>;
type Name<T extends string> = T extends `${infer Head}(${string}`
  ? Head
  : T extends `${infer Head}:${string}`
    ? Head
    : T;

/** The parameters of a path by its names; of a path that is not known by the compiler those of any name. */
export type PathOf<U extends string> = Readonly<Record<string extends U ? string : PathNames<U>, string>>;

/** Their names in the router's syntax, where `::` is a colon. */
export const pathNames = (url: string): string[] => [...url.matchAll(/\/:(\w+)/g)].map((match) => match[1] ?? '');

const MAX_LENGTHS: Readonly<Record<string, number>> = { database_id: 36, host_id: 36, instance_id: 63 };
const NODE_NAME = 'n[0-9]+';

/** The schema of path parameters: lengths and the form of node names, before anything is looked up. */
export function checkPath(params: Readonly<Record<string, string>>): void {
  for (const [name, max] of Object.entries(MAX_LENGTHS)) {
    const value = params[name];
    if (value !== undefined) checkLength(name, value, max);
  }
  const node = params['node_name'];
  if (node === undefined || new RegExp(NODE_NAME).test(node)) return;
  throw new WireError(
    'invalid_pattern',
    `node_name must match the regexp "${NODE_NAME}" but got value "${node.slice(0, 64)}"`,
  );
}

function checkLength(name: string, value: string, max: number): void {
  const length = [...value].length;
  if (length >= 1 && length <= max) return;
  const rule = length < 1 ? 'greater or equal than 1' : `lesser or equal than ${String(max)}`;
  throw new WireError(
    'invalid_length',
    `length of ${name} must be ${rule} but got value "${value.slice(0, 64)}" (len=${String(length)})`,
  );
}

/** How the text of a path parameter becomes its value. */
export type ReadPart = (text: string, name: string) => string;
/** What a name means on every path; a route may read one otherwise. */
const PARTS: Readonly<Record<string, ReadPart>> = {
  database_id: toId,
  host_id: toId,
  instance_id: toPart,
  task_id: toUuid,
};

/** The parameters as routes get them, in the order of the path; ids that are none are refused. */
export function readPath<U extends string>(
  given: Readonly<Record<string, string>>,
  own: Readonly<Partial<Record<string, ReadPart>>> = {},
): PathOf<U> {
  const parts: Readonly<Partial<Record<string, ReadPart>>> = { ...PARTS, ...own };
  const read = Object.entries(given).map(([name, text]) => [name, parts[name]?.(text, name) ?? text] as const);
  return Object.fromEntries(read) as PathOf<U>;
}
