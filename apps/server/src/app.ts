import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { installAuditExport } from './audit/export-audit.ts';
import { createClusterGate } from './cluster/cluster.ts';
import type { ServerDeps } from './core/deps.ts';
import { ServerAudit } from './core/audit/server-audit.ts';
import { TokensShown } from './core/door/api-token.ts';
import { installDoor } from './core/door/door.ts';
import { IssuedLogins } from './core/door/issued-logins.ts';
import type { Issuer } from './core/door/issuer.ts';
import type { KeyTimes } from './core/door/issuer-keys.ts';
import { LIMITS, type Limits } from './core/door/limits.ts';
import { installPreflights } from './core/door/temporal-ui.ts';
import { installRoute, type AnswerCheck } from './core/install-route.ts';
import { BODY_LIMIT_BYTES, installBodies, REQUEST_WITHIN_MS } from './core/plugins/bodies.ts';
import { answerClientError } from './core/plugins/client-errors.ts';
import { installEvents } from './core/plugins/events.ts';
import { installHealth } from './core/plugins/health.ts';
import { createMethodTable } from './core/plugins/methods.ts';
import { installMetrics } from './core/plugins/metrics.ts';
import { answerError, installProblems } from './core/plugins/problem.ts';
import { installSchemas } from './core/plugins/schemas.ts';
import type { Route } from './core/route.ts';
import { EVENT_SOURCES } from './event-sources.ts';
import { METRIC_SOURCES } from './metric-sources.ts';
import { routes as allRoutes } from './routes/index.ts';

export interface AppOptions {
  /** Names beside loopback's to which it answers in plain http. */
  readonly publicNames?: readonly string[];
  /** Also who asks on loopback needs a login. */
  readonly loginOnLoopback?: boolean;
  /** Origins of Temporal's UI. */
  readonly temporalUi?: readonly string[];
  readonly limits?: Limits;
  /** Whose JWTs are logins, too. */
  readonly issuer?: Issuer | undefined;
  /** How long it is waited for; for tests. */
  readonly issuerTimes?: KeyTimes;
  readonly check?: AnswerCheck;
  /** `false` is for measurements of what it costs: nothing of the program says so. */
  readonly audited?: boolean;
  /** What it serves; all there is unless told. */
  readonly routes?: readonly Route[];
  /** Whether it has a page of the routes for people, `/docs`: most tests do without its many files. */
  readonly pages?: boolean;
}

/** Routes parse with their own schemas: Ajv, of which the types of Fastify speak here, is not even loaded. */
const compilersFactory = {
  buildValidator: () => () => (value: unknown) => ({ value }),
  buildSerializer: () => () => (body: unknown) => `${JSON.stringify(body)}\n`,
} as unknown as NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;

/** Schemas by name: the order in which modules happen to be loaded says nothing to anybody. */
function inOrder(document: ReturnType<typeof jsonSchemaTransformObject>) {
  const { components } = document as { components?: { schemas?: Record<string, unknown> } };
  const schemas = Object.entries(components?.schemas ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...document, components: { ...components, schemas: Object.fromEntries(schemas) } } as typeof document;
}

/** The HTTP application, ready for `listen` or `inject`. */
export async function buildApp(
  deps: ServerDeps,
  logger: NonNullable<FastifyServerOptions['loggerInstance']> | false,
  {
    publicNames = [],
    loginOnLoopback = false,
    temporalUi = [],
    limits = LIMITS,
    issuer,
    issuerTimes,
    check,
    audited = true,
    routes = allRoutes,
    pages = true,
  }: AppOptions = {},
): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: answerError,
    clientErrorHandler: answerClientError,
    schemaController: { compilersFactory },
    ...(logger === false ? { logger } : { loggerInstance: logger, disableRequestLogging: true }),
  }) as unknown as FastifyInstance;
  const tokens = new TokensShown(deps);
  const notStored = (err: unknown): void => app.log.warn({ err }, 'a line of the audit could not be stored');
  const audit = audited ? new ServerAudit(deps, notStored, (writes) => tokens.noteWrites(writes)) : undefined;
  audit?.install(app);
  const issued = issuer && new IssuedLogins(issuer, deps.now, issuerTimes);
  await installDoor(app, deps, tokens, { publicNames, loginOnLoopback, temporalUi, limits, issued });
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
            description:
              'Of `POST /v1/tokens`, or a JWT of the issuer the server knows; a client certificate of the cluster is a login, too.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => inOrder(jsonSchemaTransformObject(document)),
  });
  if (pages) await app.register(import('@fastify/swagger-ui'), { routePrefix: '/docs' });
  installHealth(app, deps);
  installMetrics(app, deps, METRIC_SOURCES);
  installEvents(app, deps, EVENT_SOURCES);
  app.get('/', { schema: { hide: true } }, (_request, reply) =>
    reply.header('link', '</v1/openapi.json>; rel="service-desc"').code(204).send(),
  );
  app.get('/v1/openapi.json', { schema: { hide: true }, config: { needs: 'viewer', reaches: 'nothing' } }, () =>
    app.swagger(),
  );
  installSchemas(app);
  installPreflights(app, routes);
  const gate = createClusterGate(deps);
  installAuditExport(app, deps, gate);
  const context = { deps, gate, audit, check };
  for (const route of routes) installRoute(app, route, context);
  return app;
}
