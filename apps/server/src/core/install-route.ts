import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { auditedAnswer } from './audit/audited-answer.ts';
import type { ServerAudit } from './audit/server-audit.ts';
import type { ServerDeps } from './deps.ts';
import type { Route } from './route.ts';
import { NOBODYS } from './door/reach.ts';
import { schemaOf } from './route-schema.ts';
import { refuseUnreached } from './tenant-of.ts';
import { checkPath, readPath } from './wire-path.ts';
import { readQuery } from './wire-query.ts';

/** Looks at every answer before it is sent; what it throws is answered instead. For tests. */
export interface AnswerCheck {
  answered(route: Route, answer: unknown): void;
  refused(route: Route, error: unknown): void;
}

export interface RouteContext {
  readonly deps: ServerDeps;
  /** Throws until there is a cluster. */
  readonly gate: () => Promise<void>;
  /** Absent in measurements of what it costs only. */
  readonly audit?: ServerAudit | undefined;
  readonly check?: AnswerCheck | undefined;
}

export function installRoute(app: FastifyInstance, route: Route, context: RouteContext): void {
  app.route({
    method: route.method,
    url: route.url,
    schema: schemaOf(route),
    config: {
      needs: route.needs,
      reaches: route.reaches,
      forTemporalUi: route.forTemporalUi === true,
      asksHosts: route.errors.includes('host_unreachable'),
      confirmsLogin: context.audit !== undefined,
    },
    handler: async (request, reply) => {
      const { audit, deps } = context;
      const answering = (own: ServerDeps) => answerOf(route, { ...context, deps: own }, request, reply);
      const answer = await (audit ? auditedAnswer(audit, route, request, answering) : answering(deps)).catch(
        (err: unknown) => {
          context.check?.refused(route, err);
          throw err;
        },
      );
      context.check?.answered(route, answer);
      if (route.response === undefined) return reply.code(204).send();
      void reply.type('application/json');
      return answer;
    },
  });
}

/** Everything is read once, and in one order: the shape of path and body, then the cluster, then ids, query and rules. */
async function answerOf(
  route: Route,
  { deps, gate }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const given = request.params as Record<string, string>;
  checkPath(given);
  const makeBody = route.body?.read(request.body);
  if (route.beforeInit !== true) await gate();
  const params = readPath<string>(given, route.path);
  const { reach = NOBODYS } = request;
  const { reaches } = route;
  if (typeof reaches === 'object')
    await refuseUnreached(deps.kv, reach, { kind: reaches.kind, id: params[reaches.by] ?? '' });
  const query = readQuery(route.query ?? {}, request.query as Record<string, string | string[] | undefined>);
  const body = await makeBody?.({ params, now: deps.now() });
  return route.handle({ deps, params, query, body, reach, request, reply });
}
