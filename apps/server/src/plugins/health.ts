import type { FastifyInstance } from 'fastify';
import type { ServerDeps } from '../deps.ts';

/** `/healthz`: the process answers. `/readyz`: etcd and Temporal answer and a worker polls; 503 with the reasons otherwise. */
export function installHealth(app: FastifyInstance, { kv, temporal }: ServerDeps): void {
  app.get('/healthz', { schema: { hide: true } }, () => ({ status: 'ok' }));
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const checks = await Promise.all([
      check('etcd', async () => void (await kv.get('cluster'))),
      check('temporal_and_worker', async () => {
        if (!(await temporal.hasWorker('control'))) throw new Error('no worker polls the queue "control"');
      }),
    ]);
    const ready = checks.every((c) => c.healthy);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks });
  });
}

async function check(
  name: string,
  probe: () => Promise<void>,
): Promise<{ name: string; healthy: boolean; error?: string }> {
  try {
    await probe();
    return { name, healthy: true };
  } catch (err) {
    return { name, healthy: false, error: err instanceof Error ? err.message : 'unknown' };
  }
}
