import type { FastifyInstance } from 'fastify';
import { clusterRecords } from '../cluster/cluster-record.ts';
import { isReachable, readHosts } from '../cluster/hosts.ts';
import type { ServerDeps } from '../deps.ts';

interface Check {
  readonly name: string;
  readonly healthy: boolean;
  readonly error?: string;
}

/** `/healthz`: the process answers. `/readyz`: etcd and Temporal answer and a worker polls; 503 with the reasons otherwise. */
export function installHealth(app: FastifyInstance, deps: ServerDeps): void {
  app.get('/healthz', { schema: { hide: true }, config: { needs: 'open' } }, () => ({ status: 'ok' }));
  app.get('/readyz', { schema: { hide: true }, config: { needs: 'member' } }, async (_request, reply) => {
    const polls = Promise.resolve().then(() => deps.temporal.hasWorker('control'));
    const checks = await Promise.all([
      check('etcd', () => clusterRecords.get(deps.kv)),
      check('temporal', () => polls),
      check('worker', async () => requireWorker(deps, await polls)),
    ]);
    const ready = checks.every((c) => c.healthy);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks });
  });
}

/** Temporal remembers a worker for minutes after its death; the heartbeat of its host tells within 3 s. */
async function requireWorker(deps: ServerDeps, polls: boolean): Promise<void> {
  if (!polls) throw new Error('no worker polls the queue "control"');
  if (!(await readHosts(deps)).some((seen) => isReachable(seen, deps.now())))
    throw new Error('no worker of a host lives');
}

async function check(name: string, probe: () => Promise<unknown>): Promise<Check> {
  try {
    await probe();
    return { name, healthy: true };
  } catch (err) {
    return { name, healthy: false, error: err instanceof Error ? err.message : 'unknown' };
  }
}
