import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients, ContainerFacts } from '../clients/ports.ts';
import { DomainError, domainErrorOf } from '../../errors/index.ts';
import { probeRole } from '../inside/probe-role.ts';
import { startRefusal } from '../inside/start-refusal.ts';
import { SPEC_HASH } from './swarm-service.ts';

/**
 * Looks and wakes come soon at first; while a large database is copied, they must not slow it down. Nor where a look takes
 * long, because the host is busy: with starting twenty other databases, for instance.
 */
const lookAfterMs = (elapsedMs: number, tookMs: number): number =>
  Math.min(1000, Math.max(25, elapsedMs / 100, 3 * tookMs));
const wakeAfterMs = (elapsedMs: number, tookMs: number): number =>
  Math.min(3000, Math.max(300, elapsedMs / 20, 20 * tookMs));

/** A Postgres that has been silent for so long may be one that cannot start: what its log says counts then. */
const SILENT_MS = 2000;

/** Whose container is waited for: of this service and of this spec, where they are known. */
interface Declared {
  readonly serviceName: string;
  readonly serviceId?: string;
  readonly specHash?: string;
}

/** That of a service of the same name which was removed may still run, and take writes, until Swarm stops it. */
const isDeclared = ({ serviceId, specHash }: Declared, { state, serviceId: its, labels }: ContainerFacts): boolean =>
  state === 'running' && [undefined, its].includes(serviceId) && [undefined, labels[SPEC_HASH]].includes(specHash);

/**
 * Resolves with the container once the instance does its part; `tell` gets why it does not yet. Rejects `postgres_cannot_start`
 * with Postgres' own reason when it is started again and again and refuses its settings each time.
 */
export async function untilReady(
  s: Declared,
  clients: Clients,
  signal: AbortSignal,
  tell: (reason: string) => void = () => undefined,
): Promise<{ containerId: string }> {
  const begun = Date.now();
  const wait = (why: string): void => tell(`waiting for it to take writes, or to stream from the primary: ${why}`);
  let wakeAt = begun + wakeAfterMs(0, 0);
  let container: ContainerFacts | undefined; // who answers is still the one that was found
  let lookAtLogAt = begun + SILENT_MS;
  for (;;) {
    const look = performance.now();
    container ??= await clients.docker.serviceContainer(s.serviceName);
    if (container && isDeclared(s, container)) {
      const part = await partOf(container.address, clients, signal, wait);
      if (part === 'done') return { containerId: container.id };
      if (part !== 'silent') wait(`it is a ${part}`);
      if (part !== 'primary without the lock' && Date.now() > wakeAt) {
        wakeAt = Date.now() + wakeAfterMs(Date.now() - begun, performance.now() - look);
        await clients.patroni.wake(container.address).catch(() => undefined);
      }
      if (part === 'silent' && Date.now() > lookAtLogAt) {
        lookAtLogAt = Date.now() + SILENT_MS;
        await refuseEndlessStarts(clients, container.id, new Date(begun));
      }
      if (part === 'silent') container = undefined;
    } else {
      container = undefined;
      wait('it has no container that runs as declared');
    }
    await sleep(lookAfterMs(Date.now() - begun, performance.now() - look), undefined, { signal });
  }
}

async function refuseEndlessStarts(clients: Clients, containerId: string, since: Date): Promise<void> {
  const reason = await startRefusal(clients, containerId, since);
  if (reason !== undefined) throw new DomainError('postgres_cannot_start', `Postgres does not start: ${reason}`);
}

/** `standby` and `silent`: it waits for something that Patroni has to do. */
async function partOf(
  address: string,
  clients: Clients,
  signal: AbortSignal,
  wait: (why: string) => void,
): Promise<'done' | 'standby' | 'silent' | 'primary without the lock'> {
  try {
    const role = await probeRole(clients, address, signal, true);
    if (role === 'streaming') return 'done';
    if (role === 'standby') return 'standby';
    return (await clients.patroni.isPrimary(address)) ? 'done' : 'primary without the lock';
  } catch (err) {
    if (signal.aborted) throw err;
    wait(domainErrorOf(err)?.message ?? 'it does not answer');
    return 'silent';
  }
}
