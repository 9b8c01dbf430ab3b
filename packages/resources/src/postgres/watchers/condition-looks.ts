import type { Clients, ContainerSummary } from '../clients/index.ts';
import { checks, lookAt, type Check, type ConditionsByCheck, type Watched } from '../watch/index.ts';
import { peerSlotsOf, type HostInstance } from './host-instances.ts';
import { RECEIVES_NOTHING } from './sample-instance.ts';
import type { InstanceCondition, InstanceStatus } from '../records/index.ts';

/** Conditions last: they are looked for less often than whether the instance serves. */
const EVERY_MS = 10_000;
const ENDS_WITHIN_MS = 3000;

interface Known {
  readonly at: number;
  readonly byCheck: ConditionsByCheck;
}
const NOTHING: Known = { at: 0, byCheck: {} };

/**
 * What needs attention at the instances of this host, as it was found last. Nobody who wants to know whether an instance serves
 * waits for a look: `onFound` is called when one has found something else than is known.
 */
export class ConditionLooks {
  readonly #clients: Clients;
  readonly #onFound: (key: string) => void;
  readonly #checks: readonly Check[];
  readonly #known = new Map<string, Known>();
  readonly #looks = new Map<string, Promise<void>>();

  constructor(clients: Clients, onFound: (key: string) => void, all: readonly Check[] = checks) {
    this.#clients = clients;
    this.#onFound = onFound;
    this.#checks = all;
  }

  /** What is known; begins to look again when it is time to. */
  of(
    instance: HostInstance,
    container: ContainerSummary | undefined,
    status: InstanceStatus,
  ): readonly InstanceCondition[] {
    const { key } = instance;
    const known = this.#known.get(key) ?? NOTHING;
    const isDue = Date.now() - known.at >= EVERY_MS && !this.#looks.has(key);
    if (isDue && container?.state === 'running' && this.#checks.length > 0)
      this.#look(key, this.#watched(instance, container, status), known);
    return flat(known);
  }

  /** Resolves when the looks that were begun have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#looks.values());
  }

  forget(key: string): void {
    this.#known.delete(key);
    this.#looks.delete(key);
  }

  #look(key: string, at: Watched, known: Known): void {
    const look: Promise<void> = lookAt(at, this.#checks, known.byCheck, new Date()).then((byCheck) => {
      if (this.#looks.get(key) !== look) return; // it was forgotten meanwhile, and perhaps begun anew
      this.#looks.delete(key);
      const found = { at: Date.now(), byCheck };
      this.#known.set(key, found);
      if (JSON.stringify(flat(found)) !== JSON.stringify(flat(known))) this.#onFound(key);
    });
    this.#looks.set(key, look);
  }

  #watched(
    { databaseId, nodeName, instanceId, scope, declared, replicates }: HostInstance,
    container: ContainerSummary,
    status: InstanceStatus,
  ): Watched {
    const signal = AbortSignal.timeout(ENDS_WITHIN_MS);
    const { address, id: containerId } = container;
    const target = { address, database: 'postgres', as: 'look', keep: true, signal } as const;
    return {
      ...{ databaseId, nodeName, instanceId, scope, containerId, address, signal, declared },
      role: roleOf(status),
      peerSlots: peerSlotsOf(replicates),
      clients: this.#clients,
      ask: (work) => this.#clients.postgres.session(target, work),
      askIn: (database, work) => this.#clients.postgres.session({ address, database, as: 'look', signal }, work),
    };
  }
}

/** What Postgres itself said counts: Patroni calls one that does not start a replica, too. */
function roleOf({ writable, streaming, error }: InstanceStatus): Watched['role'] {
  if (writable) return 'writable';
  if (streaming === true) return 'streaming';
  return error === RECEIVES_NOTHING ? 'standby' : 'silent';
}

const flat = ({ byCheck }: Known): readonly InstanceCondition[] => Object.values(byCheck).flat();
