import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ServerDeps } from '../deps.ts';
import type { MetricSource } from './metric-source.ts';

let ofProcess: Registry | undefined;
/** What is told of the process is collected once, however many applications it has: each collector watches every collection of garbage. */
function processMetrics(): Registry {
  if (!ofProcess) collectDefaultMetrics({ register: (ofProcess = new Registry()) });
  return ofProcess;
}

/** `GET /metrics`: the process, per route how long answers take, what is stored and cannot be read, and what the sources say. */
export function installMetrics(app: FastifyInstance, deps: ServerDeps, sources: readonly MetricSource[]): void {
  const { unreadable } = deps;
  const registry = new Registry();
  const seconds = new Histogram({
    name: 'windlass_http_request_seconds',
    help: 'Time to answer, by operation and status',
    labelNames: ['operation', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
    registers: [registry],
  });
  new Gauge({
    name: 'windlass_unreadable_records',
    help: 'Stored records that this version cannot read; the log of the server has their keys',
    registers: [registry],
    collect() {
      this.set(unreadable.count);
    },
  });
  for (const source of sources) source(deps, registry);
  app.addHook('onResponse', (request, reply, done) => {
    const operation = (request.routeOptions.schema as { operationId?: string } | undefined)?.operationId ?? 'none';
    seconds.observe({ operation, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    done();
  });
  app.get('/metrics', { schema: { hide: true }, config: { needs: 'member' } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await Registry.merge([processMetrics(), registry]).metrics()),
  );
}
