import { ERRORS, type ErrorName } from '@windlass/resources/errors';
import { ApiError } from '@windlass/resources/api';
import { z } from 'zod';
import type { Needs } from './door/needs.ts';
import type { Reaches } from './door/reach.ts';
import type { Route } from './route.ts';
import { errorsByStatus, readsInput } from './route-errors.ts';
import { pathNames } from './wire-path.ts';

const BROKEN_SCHEMA = 'or another name, when the schema of the request is broken';

/** A route for the OpenAPI document. */
export function schemaOf(route: Route) {
  const names = pathNames(route.url);
  return {
    ...(route.internal && { hide: true }),
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.needs !== 'open' && {
      description: loginOf(route.needs, route.reaches),
      security: [{ token: [] }],
    }),
    ...(names.length > 0 && { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
    ...(route.query && { querystring: querySchema(route.query) }),
    ...(route.body && { body: route.body.schema }),
    response: {
      ...(route.response ? { 200: route.response } : { 204: z.null().meta({ description: 'Done.' }) }),
      ...refusals(route),
      default: ApiError,
    },
  };
}

const loginOf = (needs: Exclude<Needs, 'open'>, reaches: Reaches): string =>
  `${needs === 'member' ? 'For hosts, and for every login' : `For a login with the role \`${needs}\`, or a higher one`}${limitOf(reaches)}.`;

function limitOf(reaches: Reaches): string {
  if (reaches === 'everything') return ', that is not limited to tenants';
  return reaches === 'nothing' ? '' : '; one that is limited to tenants reaches what is theirs';
}

const querySchema = (query: NonNullable<Route['query']>) =>
  z.object(Object.fromEntries(Object.entries(query).map(([name, { schema }]) => [name, schema.optional()])));

/** One answer for each status, which says the names that have it. */
function refusals(route: Route) {
  const answers = [...errorsByStatus(route)].map(([status, names]) => {
    const said = names.map((name: ErrorName) => `\`${name}\`: ${ERRORS[name].title}`);
    const lines = status === 400 && readsInput(route) ? [...said, BROKEN_SCHEMA] : said;
    const content = { 'application/problem+json': { schema: ApiError } };
    return [String(status), { description: lines.join('; '), content }] as const;
  });
  return Object.fromEntries(answers);
}
