import { statfs } from 'node:fs/promises';
import os from 'node:os';
import type { Clients } from '@windlass/resources/postgres/clients';
import { hostImages } from '@windlass/resources/postgres/spec';
import { keys, type Kv } from '@windlass/resources/store';
import type { WorkerConfig } from './config.ts';
import type { HostRecord } from '@windlass/resources/platform/records';

type Component = HostRecord['components'][string];

/** A part that has not answered after this long does not answer. */
const ANSWERS_WITHIN_MS = 2000;
/** An etcd slower than this endangers the leases of the primaries. */
const ETCD_SLOW_MS = 1000;
const FREE_BYTES_NEEDED = 2 ** 30;
const FREE_SHARE_NEEDED = 0.05;

export interface Probes {
  readonly kv: Kv;
  readonly clients: Clients;
  /** Resolves when Temporal answers. */
  pingTemporal(): Promise<unknown>;
  /** When the certificates on this host end. */
  certificates(): Promise<Component>;
  /** How far its clock is from that of the others. */
  clock(): Promise<Component>;
  /** Whether its packet filter stands; absent on a host that has no containers. */
  firewall?(): Promise<Component>;
  /** This worker keeps a heartbeat. */
  readonly heartbeat: boolean;
}

export type KnownImages = Pick<HostRecord, 'images' | 'replicatorImages'>;

/**
 * This host as it is now. Every part is asked; none is waited for longer than two seconds. An engine that does not answer
 * still has the images it was known to have: that is no reason to refuse a change, its health tells what is wrong.
 */
export async function describeHost(
  probes: Probes,
  config: WorkerConfig,
  known: KnownImages = { images: [] },
): Promise<HostRecord> {
  const { host } = probes.clients;
  const { firewall } = probes;
  const [docker, etcd, temporal, disk, certificates, clock, wall] = await Promise.all([
    dockerPart(probes.clients),
    part(() => etcdPart(probes.kv)),
    part(() => probes.pingTemporal().then(() => healthy())),
    part(() => diskPart(host.dataDir)),
    part(() => probes.certificates()),
    part(() => probes.clock()),
    firewall && part(firewall),
  ]);
  return {
    id: host.hostId,
    dataDir: host.dataDir,
    swarmNodeId: host.swarmNodeId,
    controlAvailable: docker.controlAvailable,
    peerAddresses: config.WINDLASS_CLIENT_ADDRESSES,
    clientAddresses: host.clientAddresses,
    cpus: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    images: docker.images ?? known.images,
    replicatorImages: docker.replicatorImages ?? known.replicatorImages ?? [],
    components: {
      ...{ docker: docker.component, etcd, temporal, disk, certificates, clock },
      ...(wall && { firewall: wall }),
    },
    seenAt: new Date().toISOString(),
    heartbeat: probes.heartbeat,
    ownNames: true,
  };
}

const healthy = (details?: Record<string, unknown>): Component => ({
  healthy: true,
  error: '',
  ...(details && { details }),
});

async function part(look: () => Promise<Component>): Promise<Component> {
  try {
    return await inTime(look());
  } catch (err) {
    return { healthy: false, error: err instanceof Error ? err.message : 'unknown' };
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${String(ANSWERS_WITHIN_MS / 1000)} s`)),
      ANSWERS_WITHIN_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface DockerPart {
  readonly component: Component;
  /** Undefined when the engine does not answer. */
  readonly images: HostRecord['images'] | undefined;
  readonly replicatorImages: HostRecord['replicatorImages'];
  readonly controlAvailable: boolean;
}

async function dockerPart({ docker }: Clients): Promise<DockerPart> {
  let found: Omit<DockerPart, 'component'> = {
    images: undefined,
    replicatorImages: undefined,
    controlAvailable: false,
  };
  const component = await part(async () => {
    const looks = [hostImages(docker), docker.replicatorImages(), docker.engine()] as const;
    const [images, replicatorImages, { containers, swarm }] = await Promise.all(looks);
    found = { images, replicatorImages, controlAvailable: swarm.controlAvailable };
    const active = swarm.state === 'active';
    return {
      healthy: active,
      error: active ? '' : `the engine is not in the swarm (${swarm.state}): ${swarm.error}`,
      details: {
        containers: containers.all,
        containers_running: containers.running,
        containers_stopped: containers.stopped,
        containers_paused: containers.paused,
        'swarm.local_node_state': swarm.state,
        'swarm.control_available': swarm.controlAvailable,
        'swarm.error': swarm.error,
      },
    };
  });
  return { component, ...found };
}

async function etcdPart(kv: Kv): Promise<Component> {
  const begun = performance.now();
  await kv.get(keys.cluster);
  const ms = Math.round(performance.now() - begun);
  if (ms <= ETCD_SLOW_MS) return healthy({ answer_ms: ms });
  return { healthy: false, error: `etcd took ${String(ms)} ms to answer`, details: { answer_ms: ms } };
}

/** Less than 1 GiB or 5 % free on the data directory is unhealthy. */
async function diskPart(dataDir: string): Promise<Component> {
  const facts = await statfs(dataDir);
  const free = facts.bavail * facts.bsize;
  const total = facts.blocks * facts.bsize;
  const details = { free_bytes: free, total_bytes: total };
  if (free > FREE_BYTES_NEEDED && free / total > FREE_SHARE_NEEDED) return healthy(details);
  return { healthy: false, error: 'less than 1 GiB or 5 % is free', details };
}
