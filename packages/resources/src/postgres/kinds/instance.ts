import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Clients, ContainerFacts } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import type { Context } from '../../engine/resource.ts';
import { defineResource } from './define.ts';
import { directories, holdFile } from './directories.ts';
import { seedFile } from './patroni-config.ts';
import { service } from './service.ts';
import { untilReady } from './until-ready.ts';
import { serviceOf } from '../inside/with-primary.ts';

/** It gives up when it waited for so long, the time in which the instance copied the primary left out. */
const READY_WITHIN_MS = 600_000;

const spec = z.strictObject({
  instanceId: z.string(),
  nodeName: z.string(),
  hostId: z.string(),
  serviceName: z.string(),
  scope: z.string(),
  /** It is to have no running container. */
  stopped: z.literal(true).optional(),
});
type Spec = z.output<typeof spec>;

/**
 * A Postgres that does its part: the primary has the leader's lock and committed a write, a replica streams from it.
 * Creates nothing; waits for the service's work.
 */
export const instance = defineResource({
  kind: 'postgres.instance',
  version: 1,
  slow: true,
  spec,
  status: z.strictObject({ containerId: z.string() }),
  id: (s) => s.instanceId,
  executor: (s) => ({ on: 'host', hostId: s.hostId }),
  dependsOn: (s) => [{ ref: service.ref(s.serviceName), output: true }],
  within: (s) => directories.ref(s.instanceId),

  async refresh(prior, { clients }) {
    const found = await clients.docker.serviceContainer(prior.spec.serviceName);
    const held = (await clients.files.read(holdFile(prior.spec.instanceId))) !== undefined;
    const runs = found?.state === 'running' && !held;
    const drift = runs === (prior.spec.stopped === true) ? ['running'] : [];
    if (found?.state !== 'running') return { status: prior.status ?? { containerId: '' }, drift };
    return { status: { containerId: found.id }, drift };
  },
  create: settle,
  update: (s, _prior, context) => settle(s, context),
  delete: () => Promise.resolve(),
});

function settle(s: Spec, context: Context<Clients>): Promise<{ containerId: string }> {
  return s.stopped ? waitUntilStopped(s, context) : waitUntilReady(s, context);
}

async function waitUntilReady(s: Spec, context: Context<Clients>): Promise<{ containerId: string }> {
  const { clients } = context;
  await clients.files.removeTree(holdFile(s.instanceId)); // of a restore that was ended from outside
  return whileItCopies(clients, s, context.signal, async (signal) => {
    context.progress('waiting for the container');
    const { serviceId, specHash } = context.status(service.ref(s.serviceName));
    await clients.docker.waitForRunning(s.serviceName, signal);
    context.progress('waiting for Patroni to elect a leader');
    await clients.dcs.waitForLeader(s.scope, signal);
    const status = await untilReady({ ...s, serviceId, specHash }, clients, signal, context.progress);
    await clients.files.removeTree(seedFile(s.instanceId));
    return status;
  });
}

/** Waits until an instance takes writes, or streams from the primary. */
export async function awaitInstance(
  clients: Clients,
  instanceId: string,
  { signal, progress }: Pick<Context<Clients>, 'signal' | 'progress'>,
): Promise<void> {
  const at = { instanceId, serviceName: serviceOf(instanceId) };
  await whileItCopies(clients, at, signal, (all) => untilReady(at, clients, all, progress));
}

/** A copy takes as long as the database is large: while it goes on, the time does not. */
const COPIES_LOOK_MS = 5000;
const COPYING =
  'for p in /proc/[0-9]*; do case $(cat "$p/comm" 2>/dev/null) in pg_basebackup | pg_rewind) echo "$p" ;; esac; done';

async function whileItCopies<T>(
  clients: Pick<Clients, 'docker'>,
  s: Pick<Spec, 'instanceId' | 'serviceName'>,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), READY_WITHIN_MS);
  let before = '';
  const look = async (): Promise<void> => {
    const now = await copying(clients, s.serviceName, signal).catch(() => '');
    if (now !== '' && now === before) timer.refresh(); // the same process as before: not one after the other that fails
    before = now;
  };
  const looks = setInterval(() => void look(), COPIES_LOOK_MS);
  try {
    return await work(AbortSignal.any([signal, limit.signal]));
  } catch (err) {
    if (!limit.signal.aborted || signal.aborted) throw err;
    const within = `${String(READY_WITHIN_MS / 60_000)} minutes`;
    const message = `instance '${s.instanceId}' neither took writes nor streamed within ${within}`;
    throw new DomainError('instance_not_ready', message);
  } finally {
    clearTimeout(timer);
    clearInterval(looks);
  }
}

async function copying({ docker }: Pick<Clients, 'docker'>, serviceName: string, signal: AbortSignal): Promise<string> {
  const container = await docker.serviceContainer(serviceName);
  if (container?.state !== 'running') return '';
  return (await docker.exec(container.id, { command: ['sh', '-c', COPYING], signal })).stdout;
}

/** Docker stops a container within its grace time of 60 s. */
const STOPPED_WITHIN_MS = 90_000;
const STOP_LOOK_MS = 25;

async function waitUntilStopped(
  s: Spec,
  { clients, signal, progress }: Context<Clients>,
): Promise<{ containerId: string }> {
  progress('waiting for the container to end');
  // Swarm, whose service wants none any more, lets about 3 s go by before it says so.
  await untilStopped(clients, s.instanceId, signal, (container) => container?.state !== 'running');
  return { containerId: '' };
}

/** Tells the instance's container to stop, once, and another one that follows it, too, until it `has`. */
export async function untilStopped(
  { docker }: Pick<Clients, 'docker'>,
  instanceId: string,
  signal: AbortSignal,
  has: (container: ContainerFacts | undefined) => boolean | Promise<boolean>,
): Promise<void> {
  const limit = AbortSignal.timeout(STOPPED_WITHIN_MS);
  let told: string | undefined;
  for (;;) {
    const container = await docker.serviceContainer(serviceOf(instanceId));
    if (await has(container)) return;
    if (container?.state === 'running' && told !== container.id) {
      told = container.id;
      await docker.kill(container.id, 'SIGTERM');
    }
    if (limit.aborted) throw new DomainError('instance_not_ready', `'${instanceId}' did not stop within 90 s`);
    await sleep(STOP_LOOK_MS, undefined, { signal });
  }
}

/** Runs `work` in a session with the instance of a service, wherever its container is now. */
export async function withInstance<T>(
  clients: Clients,
  serviceName: string,
  database: string,
  signal: AbortSignal,
  work: Parameters<typeof clients.postgres.session<T>>[1],
): Promise<T> {
  const container = await clients.docker.serviceContainer(serviceName);
  if (container?.state !== 'running')
    throw new DomainError('postgres_unavailable', `service '${serviceName}' has no running container`);
  return clients.postgres.session({ address: container.address, database, signal }, work);
}
