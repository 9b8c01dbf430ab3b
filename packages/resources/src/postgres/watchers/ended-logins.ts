import type { Clients, PostgresSession } from '../clients/index.ts';
import { serviceOf } from '../inside/index.ts';
import { ENDED_LOGINS } from '../inside/person-logins.ts';
import { removeRoles } from '../inside/remove-roles.ts';
import { withdrawAccess } from '../inside/withdraw-access.ts';
import type { Log } from '../../watcher/log.ts';
import type { InstanceStatus } from '../records/index.ts';

const LOOK_EVERY_MS = 10_000;
const LOOK_WITHIN_MS = 3000;
const REMOVE_WITHIN_MS = 60_000;

interface Row {
  readonly name: string;
  readonly heir: string;
}

/**
 * Ends the logins of people whose time is over: their sessions, and then the role. Nobody could log in with one any more as it is. It
 * is asked of Postgres itself which there are, so that those in a copy or of a restored backup go, too.
 */
export class EndedLogins {
  readonly #clients: Clients;
  readonly #log: Log;
  readonly #now: () => number;
  /** When each was looked at last; those that are looked at now. */
  readonly #looked = new Map<string, number>();
  readonly #busy = new Set<string>();

  constructor(clients: Clients, log: Log, now: () => number = Date.now) {
    this.#clients = clients;
    this.#log = log;
    this.#now = now;
  }

  /** Takes notice of a sample of an instance of this host; it has something to do at a primary. */
  async note({ instanceId, databaseId, writable }: InstanceStatus): Promise<void> {
    const isDue = this.#now() - (this.#looked.get(instanceId) ?? 0) >= LOOK_EVERY_MS;
    if (!writable || !isDue || this.#busy.has(instanceId)) return;
    this.#looked.set(instanceId, this.#now());
    this.#busy.add(instanceId);
    try {
      const container = await this.#clients.docker.serviceContainer(serviceOf(instanceId));
      if (container?.state !== 'running') return;
      const ended = await this.#ended(container.address);
      if (ended.length > 0) await this.#remove(container.address, ended);
      for (const { name } of ended) this.#log.info({ databaseId, instanceId, login: name }, 'a login has ended');
    } finally {
      this.#busy.delete(instanceId);
    }
  }

  #ended(address: string): Promise<Row[]> {
    const target = { address, database: 'postgres', as: 'look', keep: true } as const;
    return this.#clients.postgres.session({ ...target, signal: AbortSignal.timeout(LOOK_WITHIN_MS) }, (session) =>
      session.query<Row>(ENDED_LOGINS),
    );
  }

  async #remove(address: string, ended: readonly Row[]): Promise<void> {
    const signal = AbortSignal.timeout(REMOVE_WITHIN_MS);
    const at = <T>(database: string, work: (session: PostgresSession) => Promise<T>): Promise<T> =>
      this.#clients.postgres.session({ address, database, signal }, work);
    const tell = (sentence: string): Promise<void> => Promise.resolve(this.#log.info({ address }, sentence));
    const names = ended.map(({ name }) => name);
    await at('postgres', async (session) => {
      const aside = <T>(work: (other: PostgresSession) => Promise<T>): Promise<T> => at('postgres', work);
      await withdrawAccess(session, names, aside);
      await removeRoles(session, names, ended[0]?.heir ?? '', { at, aside, signal, tell });
    });
  }
}
