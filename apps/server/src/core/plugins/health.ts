import type { FastifyInstance } from 'fastify';
import { domainErrorOf } from '@windlass/resources/errors';
import { expiredAmong } from '@windlass/resources/platform/settings';
import { keys } from '@windlass/resources/store';
import { clusterRecords } from '../../cluster/cluster-record.ts';
import { isReachable, readHosts } from '../../cluster/hosts.ts';
import type { ServerDeps } from '../deps.ts';

interface Check {
  readonly name: string;
  readonly healthy: boolean;
  readonly error?: string;
  readonly details?: Readonly<Record<string, string>>;
}

/**
 * `/healthz`: the process answers. `/readyz`: etcd and Temporal answer, a worker polls, and no certificate of this server
 * has expired; 503 with the reasons otherwise, or with `store: being upgraded` alone.
 */
export function installHealth(app: FastifyInstance, deps: ServerDeps): void {
  app.get('/healthz', { schema: { hide: true }, config: { needs: 'open' } }, () => ({ status: 'ok' }));
  app.get('/readyz', { schema: { hide: true }, config: { needs: 'member' } }, async (_request, reply) => {
    if (await isUpgrading(deps)) return reply.code(503).send({ status: 'not ready', checks: [UPGRADING] });
    const polls = Promise.resolve().then(() => deps.temporal.hasWorker('control'));
    const checks = await Promise.all([
      check('etcd', () => clusterRecords.get(deps.kv)),
      check('temporal', () => polls),
      check('worker', async () => requireWorker(deps, await polls)),
      checkCertificates(deps),
    ]);
    const ready = checks.every((c) => c.healthy);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks });
  });
}

const UPGRADING: Check = { name: 'store', healthy: false, error: 'being upgraded' };

/** Then nothing else can be said: everything there is to be asked needs the store. */
const isUpgrading = ({ kv }: ServerDeps): Promise<boolean> =>
  kv.get(keys.schema).then(
    () => false,
    (err: unknown) => domainErrorOf(err)?.code === 'store_upgrading',
  );

/** Temporal remembers a worker for minutes after its death; the heartbeat of its host tells within 3 s. */
async function requireWorker(deps: ServerDeps, polls: boolean): Promise<void> {
  if (!polls) throw new Error('no worker polls the queue "control"');
  if (!(await readHosts(deps)).some((seen) => isReachable(seen, deps.now())))
    throw new Error('no worker of a host lives');
}

/** Names the one that has expired; when each ends is told in any case. */
async function checkCertificates(deps: ServerDeps): Promise<Check> {
  const name = 'certificates';
  try {
    const details = await deps.certificateEnds();
    const expired = expiredAmong(details, deps.now());
    return { name, healthy: expired.length === 0, ...(expired.length > 0 && { error: expired.join('; ') }), details };
  } catch (err) {
    return { name, healthy: false, error: err instanceof Error ? err.message : 'unknown' };
  }
}

async function check(name: string, probe: () => Promise<unknown>): Promise<Check> {
  try {
    await probe();
    return { name, healthy: true };
  } catch (err) {
    return { name, healthy: false, error: err instanceof Error ? err.message : 'unknown' };
  }
}
