import { statfs, writeFile } from 'node:fs/promises';
import os from 'node:os';
import type { Clients } from '@windlass/resources/clients';
import type { HostRecord, Kv } from '@windlass/resources/store';
import type { WorkerConfig } from './config.ts';

type Components = HostRecord['components'];

/**
 * Writes this host's record every 5 s, so that nobody has to guess whether it is there. What is outside the API, as a
 * container's health check, sees the same by the age of the health file.
 */
export function reportHost(kv: Kv, clients: Clients, config: WorkerConfig, onError: (err: unknown) => void) {
  const report = async (): Promise<void> => {
    const record = await describeHost(clients, config);
    await kv.commit([], [{ put: `hosts/${record.id}`, value: record }]);
    if (config.WINDLASS_HEALTH_FILE !== undefined) await writeFile(config.WINDLASS_HEALTH_FILE, record.seenAt);
  };
  const timer = setInterval(() => void report().catch(onError), 5000);
  return { first: report(), stop: () => clearInterval(timer) };
}

async function describeHost(clients: Clients, config: WorkerConfig): Promise<HostRecord> {
  const { host } = clients;
  const docker = await dockerComponent(clients);
  const disk = await diskComponent(host.dataDir);
  return {
    id: host.hostId,
    dataDir: host.dataDir,
    swarmNodeId: host.swarmNodeId,
    controlAvailable: docker.component.healthy,
    peerAddresses: config.WINDLASS_CLIENT_ADDRESSES,
    clientAddresses: host.clientAddresses,
    cpus: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    images: docker.images,
    components: { docker: docker.component, etcd: { healthy: true, error: '' }, disk },
    seenAt: new Date().toISOString(),
  };
}

async function dockerComponent(
  clients: Clients,
): Promise<{ component: Components[string]; images: HostRecord['images'] }> {
  try {
    const images = await clients.docker.postgresImages();
    return {
      component: { healthy: true, error: '' },
      images: [...images].sort((a, b) => compareVersions(b.postgresVersion, a.postgresVersion)),
    };
  } catch (err) {
    return { component: { healthy: false, error: err instanceof Error ? err.message : 'unknown' }, images: [] };
  }
}

/** Less than 1 GiB or 5 % free on the data directory is unhealthy. */
async function diskComponent(dataDir: string): Promise<Components[string]> {
  const facts = await statfs(dataDir);
  const freeBytes = facts.bavail * facts.bsize;
  const totalBytes = facts.blocks * facts.bsize;
  const healthy = freeBytes > 2 ** 30 && freeBytes / totalBytes > 0.05;
  return {
    healthy,
    error: healthy ? '' : 'less than 1 GiB or 5 % is free',
    details: { free_bytes: freeBytes, total_bytes: totalBytes },
  };
}

function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((v) => v.split('.').map(Number));
  for (let i = 0; i < 2; i += 1) {
    const difference = (x?.[i] ?? 0) - (y?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
