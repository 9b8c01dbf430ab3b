import { sqlStateOf } from '@windlass/error-table';

/** An address is another server's one day; one that could not let the looker in may do so after the next update. */
const OLDER_FOR_MS = 3_600_000;
const CLOSED_FOR_MS = 300_000;

const UNDEFINED_OBJECT = '42704';
/** Postgres goes, comes, or has no such database: another login would hear the same. */
const SAME_FOR_ALL = /^(08|57P|25P04|3D000$)/;

interface Place {
  readonly address: string;
  readonly database: string;
  readonly as?: 'look' | 'script' | 'user';
}

/** How a session begins: with what PostgreSQL 17 brought; as the looker, where it is let in, else as the superuser. */
export interface Way {
  readonly since17: boolean;
  readonly asLooker: boolean;
}

/**
 * What servers have refused, so that it is not tried each time: an older one does not know what PostgreSQL 17 brought; one
 * whose roles or rules were made before there was the looker does not let it in, nor one that has no connection left for it.
 */
export class KnownServers {
  readonly #older = new Map<string, number>();
  readonly #closed = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How a session is begun there now. */
  wayTo(place: Place): Way {
    const asLooker = place.as === 'user' || (place.as === 'look' && !this.#holds(this.#closed, placeOf(place)));
    return { since17: !this.#holds(this.#older, place.address), asLooker };
  }

  /**
   * Whether a session that was refused when it was begun this way should be begun once more, in the way that is right by now:
   * several may be refused at once.
   */
  learns(err: unknown, place: Place, way: Way): boolean {
    const sqlState = sqlStateOf(err);
    if (sqlState === undefined) this.forget(place.address);
    if (sqlState === undefined || SAME_FOR_ALL.test(sqlState) || place.as === 'user') return false;
    if (sqlState === UNDEFINED_OBJECT && way.since17) this.#older.set(place.address, this.#now() + OLDER_FOR_MS);
    else if (way.asLooker) this.#closed.set(placeOf(place), this.#now() + CLOSED_FOR_MS);
    else {
      this.#closed.delete(placeOf(place)); // the superuser hears the same: it was not about the looker
      return false;
    }
    return true;
  }

  forget(address: string): void {
    this.#older.delete(address);
    for (const key of this.#closed.keys()) if (key.startsWith(`${address}/`)) this.#closed.delete(key);
  }

  #holds(map: Map<string, number>, key: string): boolean {
    if ((map.get(key) ?? 0) > this.#now()) return true;
    map.delete(key);
    return false;
  }
}

const placeOf = ({ address, database }: Place): string => `${address}/${database}`;
