import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Route } from '../route.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Pages of Temporal's UI may ask it, too. */
    readonly forTemporalUi?: boolean;
  }
}

/** What the UI sends, and the command-line tool. */
const HEADERS = 'authorization, authorization-extras, content-type, x-namespace';
const ANSWER_KNOWN_SECONDS = '600';

/**
 * Whether a page asks that is Temporal's UI, by its origin, a route that is for it: it is the one page of another site that may. It
 * shows its login as everybody does.
 */
export function isTemporalUi({ headers, routeOptions }: FastifyRequest, origins: readonly string[]): boolean {
  return routeOptions.config.forTemporalUi === true && origins.includes(headers.origin ?? '');
}

/** Tells the browser that this page may read the answer, a refusal, too. */
export const letItRead = ({ headers }: FastifyRequest, reply: FastifyReply): void =>
  void reply.headers({
    'access-control-allow-origin': headers.origin,
    'access-control-allow-credentials': 'true',
    vary: 'origin',
  });

/** What a browser asks before, without a login: whether a page of that origin may ask at all. The door has refused every other one. */
export function installPreflights(app: FastifyInstance, routes: readonly Route[]): void {
  for (const { url, method } of routes.filter(({ forTemporalUi }) => forTemporalUi === true))
    app.options(
      url,
      { schema: { hide: true }, config: { needs: 'open', reaches: 'nothing', forTemporalUi: true } },
      (_request, reply) =>
        reply
          .headers({
            'access-control-allow-methods': method,
            'access-control-allow-headers': HEADERS,
            'access-control-max-age': ANSWER_KNOWN_SECONDS,
          })
          .code(204)
          .send(),
    );
}
