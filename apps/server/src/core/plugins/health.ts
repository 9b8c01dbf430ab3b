import type { FastifyInstance } from 'fastify';
import { domainErrorOf } from '@windlass/resources/errors';
import { endedSentence } from '@windlass/resources/platform/leaves';
import type { HostRecord } from '@windlass/resources/platform/records';
import { expiredAmong } from '@windlass/resources/platform/settings';
import { keys } from '@windlass/resources/store';
import { clusterRecords } from '../../cluster/cluster-record.ts';
import { isReachable, listHostRecords, readHosts } from '../../cluster/hosts.ts';
import type { ServerDeps } from '../deps.ts';

interface Check {
  readonly name: string;
  readonly healthy: boolean;
  readonly error?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * `/healthz`: the process answers. `/readyz`: etcd and Temporal answer and a worker polls; 503 with the reasons otherwise, or with
 * `store: being upgraded` alone. Certificates that have ended, and a clock that is off, are named beside that.
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
    ]);
    const ready = checks.every((c) => c.healthy);
    const beside = await Promise.all([checkCertificates(deps), checkClock(deps)]);
    return reply
      .code(ready ? 200 : 503)
      .send({ status: ready ? 'ready' : 'not ready', checks: [...checks, ...beside] });
  });
}

const UPGRADING: Check = { name: 'store', healthy: false, error: 'being upgraded' };

/** Then nothing else can be said: everything there is to be asked needs the store. */
const isUpgrading = ({ kv }: ServerDeps): Promise<boolean> =>
  kv.get(keys.schema).then(
    () => false,
    (err: unknown) => domainErrorOf(err)?.code === 'store_upgrading',
  );

const endedOf = ({ components }: HostRecord, now: Date): string[] =>
  Object.entries(components['certificates']?.details ?? {}).flatMap(([whose, end]) => {
    const ends = new Date(String(end));
    return ends <= now ? [endedSentence(whose, ends)] : [];
  });

/** Temporal remembers a worker for minutes after its death; the heartbeat of its host tells within 3 s. */
async function requireWorker(deps: ServerDeps, polls: boolean): Promise<void> {
  if (!polls) throw new Error('no worker polls the queue "control"');
  if (!(await readHosts(deps)).some((seen) => isReachable(seen, deps.now())))
    throw new Error('no worker of a host lives');
}

/**
 * Names every certificate that has ended: of this server, and of hosts as they last told, also of those that cannot tell any more; and tells when each
 * of this server ends. It does not decide: one of a host is no reason to ask another server, and what this server cannot do without one of its own the
 * other checks say.
 */
async function checkCertificates(deps: ServerDeps): Promise<Check> {
  const name = 'certificates';
  try {
    const now = deps.now();
    const files = await deps.certificateEnds();
    const hosts = await listHostRecords(deps).catch(() => []);
    const ended = [
      ...expiredAmong(files, now),
      ...deps.leaves.ended(now.getTime()),
      ...hosts.flatMap((host) => endedOf(host, now)),
    ];
    const details = { ...files, ...deps.leaves.ends() };
    return { name, healthy: ended.length === 0, ...(ended.length > 0 && { error: ended.join('; ') }), details };
  } catch (err) {
    return { name, healthy: false, error: err instanceof Error ? err.message : 'unknown' };
  }
}

/**
 * A server whose clock is off takes hosts that live for dead, or logins that have ended for good. It does not decide either: which of the two clocks is
 * wrong nobody can tell here, and with etcd's all servers would be unready at once.
 */
async function checkClock({ clockLook }: ServerDeps): Promise<Check> {
  const name = 'clock';
  try {
    const { healthy, error, details } = await clockLook();
    return { name, healthy, ...(error && { error }), ...(details && { details }) };
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
