import type { FastifyRequest } from 'fastify';
import type { AuditEvent } from '@windlass/resources/audit';
import type { Route } from '../route.ts';

type Actor = AuditEvent['who'];

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once the door has found out. */
    actor?: Actor;
  }
}

const NOBODY: Actor = { kind: 'nobody' };
const cut = (text: string, length: number): string => text.slice(0, length);

type Facts = Pick<AuditEvent, 'who' | 'from' | 'operation' | 'method' | 'path' | 'query'>;

/** Who, from where, what. Of the query only what the route declares: what else is in it is anybody's. */
export function factsOf(request: FastifyRequest, route?: Pick<Route, 'query'>): Facts {
  const { actor = NOBODY, ip, method, routeOptions } = request;
  const schema = routeOptions.schema as { readonly operationId?: string } | undefined;
  const given = new URLSearchParams(request.url.split('?')[1] ?? '');
  const query = Object.keys(route?.query ?? {}).flatMap((name) => {
    const value = given.get(name);
    return value === null ? [] : [[name, cut(value, 100)] as const];
  });
  return {
    who: actor,
    from: cut(ip, 100),
    operation: schema?.operationId ?? 'none',
    method: cut(method, 10),
    path: cut(request.url.split('?')[0] ?? '', 300),
    ...(query.length > 0 && { query: Object.fromEntries(query) }),
  };
}
