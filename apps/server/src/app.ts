import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { installAuditExport } from './audit/export-audit.ts';
import { createClusterGate } from './cluster/cluster.ts';
import type { ServerDeps } from './core/deps.ts';
import { ServerAudit } from './core/audit/server-audit.ts';
import { TokensShown } from './core/door/api-token.ts';
import { installDoor } from './core/door/door.ts';
import { LIMITS, type Limits } from './core/door/limits.ts';
import { installRoute, type AnswerCheck } from './core/install-route.ts';
import { BODY_LIMIT_BYTES, installBodies, REQUEST_WITHIN_MS } from './core/plugins/bodies.ts';
import { answerClientError } from './core/plugins/client-errors.ts';
import { installEvents } from './core/plugins/events.ts';
import { installHealth } from './core/plugins/health.ts';
import { createMethodTable } from './core/plugins/methods.ts';
import { installMetrics } from './core/plugins/metrics.ts';
import { answerError, installProblems } from './core/plugins/problem.ts';
import type { Route } from './core/route.ts';
import { EVENT_SOURCES } from './event-sources.ts';
import { METRIC_SOURCES } from './metric-sources.ts';
import { routes as allRoutes } from './routes/index.ts';

export interface AppOptions {
  /** Names beside loopback's to which it answers in plain http. */
  readonly publicNames?: readonly string[];
  /** Also who asks on loopback needs a login. */
  readonly loginOnLoopback?: boolean;
  readonly limits?: Limits;
  readonly check?: AnswerCheck;
  /** `false` is for measurements of what it costs: nothing of the program says so. */
  readonly audited?: boolean;
  /** What it serves; all there is unless told. */
  readonly routes?: readonly Route[];
}

/** The HTTP application, ready for `listen` or `inject`. */
export async function buildApp(
  deps: ServerDeps,
  logger: NonNullable<FastifyServerOptions['loggerInstance']> | false,
  {
    publicNames = [],
    loginOnLoopback = false,
    limits = LIMITS,
    check,
    audited = true,
    routes = allRoutes,
  }: AppOptions = {},
): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: answerError,
    clientErrorHandler: answerClientError,
    ...(logger === false ? { logger } : { loggerInstance: logger, disableRequestLogging: true }),
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(() => (value: unknown) => ({ value }));
  app.setSerializerCompiler(() => (body) => `${JSON.stringify(body)}\n`);
  const tokens = new TokensShown(deps);
  const notStored = (err: unknown): void => app.log.warn({ err }, 'a line of the audit could not be stored');
  const audit = audited ? new ServerAudit(deps, notStored, (writes) => tokens.noteWrites(writes)) : undefined;
  audit?.install(app);
  await installDoor(app, deps, tokens, { publicNames, loginOnLoopback, limits });
  installBodies(app);
  installProblems(app, createMethodTable(routes));
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Windlass',
        version: '0.1.0',
        description: 'Declares Postgres databases. Every error answer has `name` and `message`; see docs/errors.md.',
      },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'Of `POST /v1/tokens`; a client certificate of the cluster is a login, too.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  installHealth(app, deps);
  installMetrics(app, deps, METRIC_SOURCES);
  installEvents(app, deps, EVENT_SOURCES);
  app.get('/', { schema: { hide: true } }, (_request, reply) =>
    reply.header('link', '</v1/openapi.json>; rel="service-desc"').code(204).send(),
  );
  app.get('/v1/openapi.json', { schema: { hide: true }, config: { needs: 'viewer', reaches: 'nothing' } }, () =>
    app.swagger(),
  );
  const gate = createClusterGate(deps);
  installAuditExport(app, deps, gate);
  const context = { deps, gate, audit, check };
  for (const route of routes) installRoute(app, route, context);
  return app;
}
