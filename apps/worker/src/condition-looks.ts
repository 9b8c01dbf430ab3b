import type { Clients, ContainerSummary } from '@windlass/resources/clients';
import type { InstanceCondition, InstanceStatus } from '@windlass/resources/store';
import { checks, lookAt, type Check, type ConditionsByCheck, type Watched } from '@windlass/resources/watch';
import type { HostInstance } from './host-instances.ts';
import { RECEIVES_NOTHING } from './sample-instance.ts';

/** Conditions last: they are looked for less often than whether the instance serves. */
const EVERY_MS = 10_000;
const ENDS_WITHIN_MS = 3000;

interface Known {
  readonly at: number;
  readonly byCheck: ConditionsByCheck;
}

/** What needs attention at the instances of this host, as it was found last. */
export class ConditionLooks {
  readonly #clients: Clients;
  readonly #checks: readonly Check[];
  readonly #known = new Map<string, Known>();

  constructor(clients: Clients, all: readonly Check[] = checks) {
    this.#clients = clients;
    this.#checks = all;
  }

  /** Looks again when it is time to; never throws. */
  async of(
    instance: HostInstance,
    container: ContainerSummary | undefined,
    status: InstanceStatus,
  ): Promise<readonly InstanceCondition[]> {
    const { key } = instance;
    const known = this.#known.get(key) ?? { at: 0, byCheck: {} };
    if (this.#checks.length === 0 || Date.now() - known.at < EVERY_MS) return flat(known);
    const byCheck =
      container?.state === 'running'
        ? await lookAt(this.#watched(instance, container, status), this.#checks, known.byCheck, new Date())
        : known.byCheck;
    const found = { at: Date.now(), byCheck };
    this.#known.set(key, found);
    return flat(found);
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  #watched(
    { databaseId, nodeName, instanceId, scope, declared }: HostInstance,
    container: ContainerSummary,
    status: InstanceStatus,
  ): Watched {
    const signal = AbortSignal.timeout(ENDS_WITHIN_MS);
    const { address, id: containerId } = container;
    const target = { address, database: 'postgres', as: 'look', keep: true, signal } as const;
    return {
      ...{ databaseId, nodeName, instanceId, scope, containerId, address, signal, declared },
      role: roleOf(status),
      clients: this.#clients,
      ask: (work) => this.#clients.postgres.session(target, work),
      askIn: (database, work) => this.#clients.postgres.session({ address, database, signal }, work),
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
