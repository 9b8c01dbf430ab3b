import { isObject, textOf, type JsonObject } from './json.ts';

/** One call that a kind of entity has, as the OpenAPI document names it. */
export interface Operation {
  readonly method: string;
  /** With `{…}` where the ids go, in order. */
  readonly path: string;
}

/** A sort of entity, `database` for one, and what the API can do with it. */
export interface Kind {
  /** `database` */
  readonly noun: string;
  /** `databases`: in the path, and the field of a list. */
  readonly plural: string;
  readonly list: Operation;
  readonly get: Operation;
  readonly create?: Operation;
  readonly update?: Operation;
  readonly delete?: Operation;
  readonly planCreate?: Operation;
  readonly planUpdate?: Operation;
  readonly task?: Operation;
  readonly taskLog?: Operation;
  readonly taskPlan?: Operation;
  readonly taskCancel?: Operation;
}

/** What has a list, single ones that are read by id, and tasks of its own is a kind of entity: a new one is here as soon as the API has it. */
export function kindsOf(document: unknown): readonly Kind[] {
  const paths: JsonObject = isObject(document) && isObject(document['paths']) ? document['paths'] : {};
  return Object.keys(paths)
    .flatMap((path) => kindAt(paths, path) ?? [])
    .sort((a, b) => a.noun.localeCompare(b.noun));
}

function kindAt(paths: JsonObject, path: string): Kind | undefined {
  const [, plural, noun] = /^\/v1\/([a-z-]+)\/\{([a-z_]+)_id\}$/.exec(path) ?? [];
  if (plural === undefined || noun === undefined) return undefined;
  const at = (method: string, where: string) => operationAt(paths, method, where);
  const base = `/v1/${plural}`;
  const [list, get] = [at('get', base), at('get', path)];
  const task = `${path}/tasks/{task_id}`;
  if (!list || !get || !Object.keys(paths).some((one) => one.startsWith(task))) return undefined;
  return {
    noun: noun.replaceAll('_', '-'),
    plural,
    list,
    get,
    ...present({
      create: at('post', base),
      update: at('post', path),
      delete: at('delete', path),
      planCreate: at('post', `${base}:plan`),
      planUpdate: at('post', `${path}:plan`),
      task: at('get', task),
      // The contract calls it `logs` for hosts, and has a cancel that is a GET.
      taskLog: at('get', `${task}/log`) ?? at('get', `${task}/logs`),
      taskPlan: at('get', `${task}/plan`),
      taskCancel: at('post', `${task}:cancel`) ?? at('get', `${task}/cancel`),
    }),
  };
}

function operationAt(paths: JsonObject, method: string, path: string): Operation | undefined {
  const item = paths[path];
  return isObject(item) && textOf(item[method], 'operationId') !== undefined ? { method, path } : undefined;
}

function present<T extends Record<string, Operation | undefined>>(all: T): { [K in keyof T]?: Operation } {
  const found: { [K in keyof T]?: Operation } = {};
  for (const key in all) {
    const one = all[key];
    if (one) found[key] = one;
  }
  return found;
}

/** The path with these ids in it. */
export function pathOf({ path }: Operation, ...ids: readonly string[]): string {
  const left = [...ids];
  return path.replace(/\{[^}]+\}/g, () => encodeURIComponent(left.shift() ?? ''));
}
