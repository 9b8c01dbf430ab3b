import type { Clients } from '../clients/index.ts';
import { isMemberSlot, serviceOf, slotOf } from '../inside/index.ts';
import type { Log } from '../../watcher/log.ts';
import type { InstanceStatus } from '../records/index.ts';

const LOOK_EVERY_MS = 60_000;
/** Patroni keeps the slot of a member that went away for 30 minutes, in case it comes back. */
const LEFT_OVER_AFTER_MS = 31 * 60_000;
/** A slot that stands still in front of so much WAL is not one that Patroni moves on. */
const STANDS_STILL_BYTES = 64 * 1024 ** 2;
const WITHIN_MS = 3000;

interface Row {
  readonly name: string;
  readonly lsn: string | null;
  readonly held: string;
}
interface Seen {
  readonly lsn: string | null;
  readonly since: number;
}

/**
 * Drops slots that Patroni made for members and needs no more: of members that are gone, and at replicas those that nothing moves
 * on. Patroni does not do it, as it is told to leave slots alone that are not of its present members.
 */
export class MemberSlots {
  readonly #clients: Clients;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #looked = new Map<string, number>();
  readonly #seen = new Map<string, Seen>();

  constructor(clients: Clients, log: Log, now: () => number = Date.now) {
    this.#clients = clients;
    this.#log = log;
    this.#now = now;
  }

  /** Takes notice of a sample of an instance of this host; `scope` is Patroni's name of its node. */
  async note({ instanceId, role, writable }: InstanceStatus, scope: string): Promise<void> {
    if (role === undefined || this.#now() - (this.#looked.get(instanceId) ?? 0) < LOOK_EVERY_MS) return;
    this.#looked.set(instanceId, this.#now());
    const { docker, dcs, postgres } = this.#clients;
    const container = await docker.serviceContainer(serviceOf(instanceId));
    if (container?.state !== 'running') return;
    const present = new Set((await dcs.members(scope)).map(slotOf));
    const target = { address: container.address, database: 'postgres', signal: AbortSignal.timeout(WITHIN_MS) };
    await postgres.session(target, async (session) => {
      const rows = (await session.query<Row>(INACTIVE)).filter(({ name }) => isMemberSlot(scope, name));
      const suspects = rows.filter(
        ({ name, held }) => !present.has(name) || (!writable && Number(held) > STANDS_STILL_BYTES),
      );
      for (const name of this.#leftOver(instanceId, suspects)) {
        await session.query('SELECT pg_catalog.pg_drop_replication_slot($1)', [name]);
        this.#log.warn(
          { instanceId, scope, slot: name },
          'dropped the slot of a member that does not need it any more',
        );
      }
    });
  }

  /** Of the suspects those that have been so, and have stood still, for long enough. */
  #leftOver(instanceId: string, suspects: readonly Row[]): string[] {
    const prefix = `${instanceId}/`;
    const keys = new Set(suspects.map(({ name }) => prefix + name));
    for (const key of this.#seen.keys()) if (key.startsWith(prefix) && !keys.has(key)) this.#seen.delete(key);
    return suspects.flatMap(({ name, lsn }) => {
      const before = this.#seen.get(prefix + name);
      if (before?.lsn !== lsn) this.#seen.set(prefix + name, { lsn, since: this.#now() });
      else if (before && this.#now() - before.since >= LEFT_OVER_AFTER_MS) return [name];
      return [];
    });
  }
}

const INACTIVE = `SELECT slot_name AS name, restart_lsn::pg_catalog.text AS lsn, coalesce(pg_catalog.pg_wal_lsn_diff(
    CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn() ELSE pg_catalog.pg_current_wal_lsn() END,
    restart_lsn), 0)::pg_catalog.text AS held
  FROM pg_catalog.pg_replication_slots WHERE slot_type OPERATOR(pg_catalog.=) 'physical' AND NOT active AND NOT temporary`;
