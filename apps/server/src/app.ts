import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { ApiError } from '@windlass/resources/spec';
import { z } from 'zod';
import { createClusterGate } from './cluster/cluster.ts';
import type { ServerDeps } from './deps.ts';
import { installDoor } from './door/door.ts';
import { BODY_LIMIT_BYTES, installBodies } from './plugins/bodies.ts';
import { answerClientError } from './plugins/client-errors.ts';
import { installEvents } from './plugins/events.ts';
import { installHealth } from './plugins/health.ts';
import { createMethodTable } from './plugins/methods.ts';
import { installMetrics } from './plugins/metrics.ts';
import { answerError, installProblems } from './plugins/problem.ts';
import type { Route } from './route.ts';
import { routes } from './routes/index.ts';
import { requiredBody } from './wire-input.ts';
import { checkPath } from './wire-path.ts';

/** The HTTP application, ready for `listen` or `inject`. In plain http it answers to loopback and to `publicNames`. */
export async function buildApp(
  deps: ServerDeps,
  logger: NonNullable<FastifyServerOptions['loggerInstance']> | false,
  publicNames: readonly string[] = [],
): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: answerError,
    clientErrorHandler: answerClientError,
    ...(logger === false ? { logger } : { loggerInstance: logger, disableRequestLogging: true }),
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(() => (value: unknown) => ({ value }));
  app.setSerializerCompiler(() => (body) => `${JSON.stringify(body)}\n`);
  installDoor(app, deps, publicNames);
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
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  installHealth(app, deps);
  installMetrics(app, deps);
  installEvents(app, deps);
  app.get('/', { schema: { hide: true } }, (_request, reply) =>
    reply.header('link', '</v1/openapi.json>; rel="service-desc"').code(204).send(),
  );
  app.get('/v1/openapi.json', { schema: { hide: true } }, () => app.swagger());
  const gate = createClusterGate(deps);
  for (const route of routes) install(app, deps, route, gate);
  return app;
}

function install(app: FastifyInstance, deps: ServerDeps, route: Route, gate: () => Promise<void>): void {
  app.route({
    method: route.method,
    url: route.url,
    schema: schemaOf(route),
    config: { access: route.access },
    handler: async (request, reply) => {
      const params = request.params as Record<string, string>;
      checkPath(params);
      if (route.body) checkBody(route, request.body);
      if (route.beforeInit !== true) await gate();
      void reply.type('application/json');
      return route.handle({
        deps,
        params,
        query: request.query as Record<string, string | string[] | undefined>,
        body: request.body,
        request,
        reply,
      });
    },
  });
}

function checkBody(route: Route, given: unknown): void {
  const absent = given === undefined || given === null;
  const body = absent && route.bodyOptional === true ? {} : requiredBody(given);
  route.checkBody?.(body);
}

function schemaOf(route: Route) {
  const names = [...route.url.matchAll(/:(\w+)/g)].map((m) => m[1] ?? '').filter((name) => name !== 'plan');
  return {
    ...(route.internal && { hide: true }),
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(names.length > 0 && { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
    ...(route.query && {
      querystring: z.object(
        Object.fromEntries(
          Object.entries(route.query).map(([name, text]) => [name, z.string().optional().meta({ description: text })]),
        ),
      ),
    }),
    ...(route.body && { body: route.body }),
    response: { ...(route.response && { 200: route.response }), default: ApiError },
  };
}
