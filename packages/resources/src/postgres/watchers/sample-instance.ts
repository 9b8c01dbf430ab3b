import type { Clients, ContainerSummary } from '../clients/index.ts';
import { domainErrorOf } from '../../errors/index.ts';
import { probe, type Probed } from '../inside/index.ts';
import type { HostInstance } from './host-instances.ts';
import { sampleArchiving } from './sample-archiving.ts';
import type { ArchivingStatus, InstanceStatus } from '../records/index.ts';

/** A hanging instance counts as not writable after this long. */
const SAMPLE_TIMEOUT_MS = 1500;

/** What a replica says that is well and has no primary to follow. */
export const RECEIVES_NOTHING = 'the replica receives nothing from a primary';

/** Looks at one instance: its container, what Patroni says, and whether a write is committed or, at a replica, received. Never throws. */
export async function sampleInstance(
  clients: Clients,
  { databaseId, instanceId, nodeName, scope, port, synchronous, archives }: HostInstance,
  /** Its newest one; rejects when Docker does not answer. */
  found: Promise<ContainerSummary | undefined>,
): Promise<InstanceStatus> {
  const now = new Date().toISOString();
  const base = {
    instanceId,
    databaseId,
    nodeName,
    hostId: clients.host.hostId,
    createdAt: now,
    addresses: clients.host.clientAddresses,
    port,
  };
  try {
    const container = await found;
    if (container?.state !== 'running') {
      const state = container ? 'stopped' : 'absent';
      const error = container
        ? `instance stopped: its container is ${container.state}`
        : 'instance stopped: it has no container';
      return { ...base, sampledAt: now, container: state, writable: false, error };
    }
    const [patroni, role] = await Promise.allSettled([
      clients.patroni.status(container.address),
      look(clients, container.address),
    ]);
    const does = role.status === 'fulfilled' ? role.value.role : undefined;
    // Patroni looks after its Postgres every 10 s; one that is dead is started, or another member takes over, at once.
    if (role.status === 'rejected' && patroni.status === 'fulfilled')
      await clients.patroni.wake(container.address).catch(() => undefined);
    const unprotected = synchronous && does === 'writable' && (await isUnprotected(clients, scope, container));
    const archiving = archives && does === 'writable' ? await archivingOf(clients, container.address) : undefined;
    return {
      ...base,
      sampledAt: new Date().toISOString(),
      container: 'running',
      writable: does === 'writable',
      streaming: does === 'streaming',
      ...(unprotected && { unprotected }),
      ...(patroni.status === 'fulfilled' && {
        role: patroni.value.role,
        patroniState: patroni.value.state,
        postgresVersion: formatVersion(patroni.value.serverVersion),
        ...(patroni.value.timeline !== undefined && { timeline: patroni.value.timeline }),
        ...(patroni.value.pendingRestart && { pendingRestart: true }),
      }),
      ...(role.status === 'fulfilled' && role.value.lagBytes !== undefined && { lagBytes: role.value.lagBytes }),
      ...(archiving && { archiving }),
      ...errorOf(role),
    };
  } catch (err) {
    return { ...base, sampledAt: now, container: 'absent', writable: false, error: reasonOf(err) };
  }
}

/** After a failover Patroni names a standby in one of its next turns. Until then nobody may take over, so it is told to look now. */
async function isUnprotected(clients: Clients, scope: string, { address }: { address: string }): Promise<boolean> {
  const named = await clients.dcs.synchronousStandbys(scope).catch(() => undefined);
  const nobody = named?.length === 0;
  if (nobody) await clients.patroni.wake(address).catch(() => undefined);
  return nobody;
}

/** What cannot be told now is told by the next sample. */
async function archivingOf(clients: Clients, address: string): Promise<ArchivingStatus | undefined> {
  const signal = AbortSignal.timeout(SAMPLE_TIMEOUT_MS);
  return Promise.race([sampleArchiving(clients, address, signal), rejectOn(signal)]).catch(() => undefined);
}

async function look(clients: Clients, address: string): Promise<Probed> {
  const signal = AbortSignal.timeout(SAMPLE_TIMEOUT_MS);
  return Promise.race([probe(clients, address, signal, true), rejectOn(signal)]);
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the probe did not end within 1.5 s')), {
      once: true,
    });
  });
}

function errorOf(role: PromiseSettledResult<Probed>): { error?: string } {
  if (role.status === 'rejected') return { error: reasonOf(role.reason) };
  return role.value.role === 'standby' ? { error: RECEIVES_NOTHING } : {};
}

/** 170006 → `17.6` */
const formatVersion = (serverVersion: number): string =>
  `${String(Math.floor(serverVersion / 10_000))}.${String(serverVersion % 10_000)}`;

const reasonOf = (err: unknown): string =>
  domainErrorOf(err)?.message ?? (err instanceof Error ? err.message : 'unknown');
