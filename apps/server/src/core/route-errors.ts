import { ERRORS, type ErrorName } from '@windlass/resources/errors';
import type { Route } from './route.ts';
import { pathNames } from './wire-path.ts';

/** What a change of a database is refused with. */
export const CHANGE_ERRORS = [
  'not_found',
  'invalid_input',
  'database_not_modifiable',
  'operation_already_in_progress',
] as const satisfies readonly ErrorName[];

/** What a question that only the hosts can answer may end with. */
export const ASK_HOSTS_ERRORS = [
  'host_unreachable',
  'temporal_unavailable',
  'temporal_refused',
] as const satisfies readonly ErrorName[];

const ALWAYS: readonly ErrorName[] = [
  'foreign_request',
  'server_error',
  'store_unavailable',
  'store_refused',
  'record_unreadable',
];
const WRITING: readonly ErrorName[] = ['too_large', 'store_full'];

/** Every name of the table a route may answer: its own, and what follows from how it is declared. */
export function errorsOf(route: Omit<Route, 'handle'>): ErrorName[] {
  const implied: readonly ErrorName[] = [
    ...ALWAYS,
    ...(route.needs === 'open'
      ? []
      : (['login_required', 'too_many_attempts', 'too_many_requests', 'overloaded'] as const)),
    ...(route.needs === 'open' || (route.needs === 'member' && route.reaches === 'nothing')
      ? []
      : (['not_permitted'] as const)),
    ...(typeof route.reaches === 'object' ? (['not_found'] as const) : []),
    ...(route.beforeInit === true ? [] : (['cluster_not_initialized'] as const)),
    ...(readsInput(route) ? (['invalid_input'] as const) : []),
    ...(route.method === 'GET' ? [] : WRITING),
  ];
  return [...new Set([...implied, ...route.errors])].sort();
}

/** Whether there is anything in its requests that can be wrong: what breaks a schema has a name beside the table's. */
export const readsInput = ({ url, query = {}, body }: Pick<Route, 'url' | 'query' | 'body'>): boolean =>
  pathNames(url).length + Object.keys(query).length > 0 || body !== undefined;

/** The same by HTTP status. */
export function errorsByStatus(route: Omit<Route, 'handle'>): Map<number, ErrorName[]> {
  const found = new Map<number, ErrorName[]>();
  for (const name of errorsOf(route)) found.set(ERRORS[name].status, [...(found.get(ERRORS[name].status) ?? []), name]);
  return new Map([...found].sort(([a], [b]) => a - b));
}
