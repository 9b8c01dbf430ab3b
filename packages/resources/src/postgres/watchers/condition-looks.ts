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
  /** In which role it was seen last; undefined: in none. */
  readonly role: Watched['role'] | undefined;
  readonly byCheck: ConditionsByCheck;
}
const NOTHING: Known = { at: 0, role: undefined, byCheck: {} };

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
    const role = roleOf(status);
    const known = this.#inRole(instance, role);
    const isDue = Date.now() - known.at >= EVERY_MS && !this.#looks.has(key);
    if (isDue && container?.state === 'running' && this.#checks.length > 0)
      this.#look(key, this.#watched(instance, container, role), known);
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

  /** One that has another role than before is looked at at once: what was found says little about it. */
  #inRole({ key, instanceId, replicates }: HostInstance, role: Watched['role']): Known {
    const known = this.#known.get(key) ?? NOTHING;
    if (role === 'silent' || role === known.role) return known;
    this.#looks.delete(key);
    const at = { instanceId, peerSlots: peerSlotsOf(replicates) };
    const changed = {
      ...{ at: 0, role },
      byCheck: known.role === undefined ? known.byCheck : assumed(this.#checks, role, at, known.byCheck),
    };
    this.#known.set(key, changed);
    return changed;
  }

  #look(key: string, at: Watched, known: Known): void {
    const look: Promise<void> = lookAt(at, this.#checks, known.byCheck, new Date()).then((byCheck) => {
      if (this.#looks.get(key) !== look) return; // it was forgotten meanwhile, and perhaps begun anew
      this.#looks.delete(key);
      const found = { at: Date.now(), role: known.role, byCheck };
      this.#known.set(key, found);
      if (JSON.stringify(flat(found)) !== JSON.stringify(flat(known))) this.#onFound(key);
    });
    this.#looks.set(key, look);
  }

  #watched(
    { databaseId, nodeName, instanceId, scope, declared, replicates }: HostInstance,
    container: ContainerSummary,
    role: Watched['role'],
  ): Watched {
    const signal = AbortSignal.timeout(ENDS_WITHIN_MS);
    const { address, id: containerId } = container;
    const target = { address, database: 'postgres', as: 'look', keep: true, signal } as const;
    return {
      ...{ databaseId, nodeName, instanceId, scope, containerId, address, signal, declared },
      role,
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

function assumed(
  checks: readonly Check[],
  role: Watched['role'],
  at: Pick<Watched, 'instanceId' | 'peerSlots'>,
  before: ConditionsByCheck,
): ConditionsByCheck {
  const since = new Date().toISOString();
  const found = checks
    .filter(({ roles, untilSeen }) => untilSeen !== undefined && roles.includes(role))
    .map(({ name, untilSeen }) => [name, (untilSeen?.(at) ?? []).map((one) => ({ ...one, since }))] as const);
  return { ...before, ...Object.fromEntries(found.filter(([, some]) => some.length > 0)) };
}

const flat = ({ byCheck }: Known): readonly InstanceCondition[] => Object.values(byCheck).flat();
