import type { Clients } from '@windlass/resources/clients';
import { domainErrorOf } from '@windlass/resources/errors';
import type { InstanceStatus, ResourceRecord } from '@windlass/resources/store';

/** A hanging instance counts as not writable after this long. */
const SAMPLE_TIMEOUT_MS = 1500;

interface InstanceSpec {
  readonly instanceId: string;
  readonly nodeName: string;
  readonly hostId: string;
  readonly serviceName: string;
}

/** Looks at one instance: its container, what Patroni says, and whether a write is committed. Never throws. */
export async function sampleInstance(
  clients: Clients,
  databaseId: string,
  record: ResourceRecord,
  port: number | undefined,
): Promise<InstanceStatus> {
  const spec = record.spec as InstanceSpec;
  const now = new Date().toISOString();
  const base = {
    instanceId: spec.instanceId,
    databaseId,
    nodeName: spec.nodeName,
    hostId: spec.hostId,
    createdAt: now,
    addresses: clients.host.clientAddresses,
    port,
  };
  try {
    const container = await clients.docker.serviceContainer(spec.serviceName);
    if (container?.state !== 'running') {
      const state = container ? 'stopped' : 'absent';
      const error = container
        ? `instance stopped: its container is ${container.state}`
        : 'instance stopped: it has no container';
      return { ...base, sampledAt: now, container: state, writable: false, error };
    }
    const [patroni, write] = await Promise.allSettled([
      clients.patroni.status(container.address),
      probeWrite(clients, container.address),
    ]);
    return {
      ...base,
      sampledAt: new Date().toISOString(),
      container: 'running',
      writable: write.status === 'fulfilled',
      ...(patroni.status === 'fulfilled' && {
        role: patroni.value.role,
        patroniState: patroni.value.state,
        postgresVersion: formatVersion(patroni.value.serverVersion),
        ...(patroni.value.pendingRestart && { pendingRestart: true }),
      }),
      ...(write.status === 'rejected' && { error: reasonOf(write.reason) }),
    };
  } catch (err) {
    return { ...base, sampledAt: now, container: 'absent', writable: false, error: reasonOf(err) };
  }
}

/** Commits a WAL record: fails on a standby, in a read-only database and on a full disk. */
async function probeWrite(clients: Clients, address: string): Promise<void> {
  const signal = AbortSignal.timeout(SAMPLE_TIMEOUT_MS);
  const probe = clients.postgres.session({ address, database: 'postgres', signal }, async (session) => {
    const [row] = await session.query<{ read_only: string }>(
      `SELECT current_setting('transaction_read_only') AS read_only, pg_logical_emit_message(true, 'windlass', 'probe')`,
    );
    if (row?.read_only !== 'off') throw new Error('the instance is read-only');
  });
  await Promise.race([probe, rejectOn(signal)]);
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the write probe did not end within 1.5 s')), {
      once: true,
    });
  });
}

/** 170006 → `17.6` */
const formatVersion = (serverVersion: number): string =>
  `${String(Math.floor(serverVersion / 10_000))}.${String(serverVersion % 10_000)}`;

const reasonOf = (err: unknown): string =>
  domainErrorOf(err)?.message ?? (err instanceof Error ? err.message : 'unknown');
