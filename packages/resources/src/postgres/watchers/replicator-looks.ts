import type { ContainerSummary, ReplicationPort } from '../clients/index.ts';
import { replicatorService } from '../inside/index.ts';
import type { HostInstance, Replicates } from './host-instances.ts';
import { sampleReplication, type ReplicationSample } from './sample-replication.ts';

/** How often replicators are asked between samples, so that what stops is seen within 5 s: they themselves look every 2 s. */
const EVERY_MS = 1500;

interface Known {
  readonly replicates: Replicates;
  readonly nodeName: string;
  readonly container: ContainerSummary | undefined;
  sample: ReplicationSample;
  /** Since when nothing is known. */
  silentSince: string | undefined;
}

/** Asks the replicators beside the primaries of this host; `onChange` when one says something else than at the last sample. */
export class ReplicatorLooks {
  readonly #replication: ReplicationPort;
  readonly #onChange: (key: string) => void;
  readonly #known = new Map<string, Known>();
  #timer: NodeJS.Timeout | undefined;

  constructor(replication: ReplicationPort, onChange: (key: string) => void) {
    this.#replication = replication;
    this.#onChange = onChange;
  }

  start(): void {
    this.#timer = setInterval(() => this.#lookAtAll(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#known.clear();
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  /** What the replicator beside this primary says now. Never throws. */
  async sample(
    { key, instanceId, nodeName }: HostInstance,
    replicates: Replicates,
    containers: Promise<ReadonlyMap<string, ContainerSummary>>,
  ): Promise<ReplicationSample> {
    const found = await containers.catch(() => undefined);
    const container = found?.get(replicatorService(instanceId));
    const sample = await sampleReplication(this.#replication, { ...replicates, nodeName }, container);
    const isSilent = sample.status.error !== undefined;
    const silentSince = isSilent ? (this.#known.get(key)?.silentSince ?? new Date().toISOString()) : undefined;
    const dated = silentSince === undefined ? sample : since(sample, silentSince);
    this.#known.set(key, { replicates, nodeName, container, sample: dated, silentSince });
    return dated;
  }

  #lookAtAll(): void {
    for (const [key, known] of this.#known) void this.#lookAt(key, known);
  }

  async #lookAt(key: string, known: Known): Promise<void> {
    const { replicates, nodeName, container } = known;
    const sample = await sampleReplication(this.#replication, { ...replicates, nodeName }, container);
    if (this.#known.get(key) !== known || essence(sample) === essence(known.sample)) return;
    known.sample = sample; // it is told once
    this.#onChange(key);
  }
}

const since = ({ status, conditions }: ReplicationSample, time: string): ReplicationSample => ({
  status,
  conditions: conditions.map((one) => ({ ...one, since: time })),
});

/** What somebody would want to know at once. */
const essence = ({ status, conditions }: ReplicationSample): string =>
  JSON.stringify([
    status.error !== undefined,
    status.peers.map(({ number, state, slot }) => [number, state, slot?.exists, slot?.walStatus]),
    conditions.map(({ type, message }) => [type, message]),
  ]);
