import { sqlStateOf } from './postgres-errors.ts';

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

  knows17(address: string): boolean {
    return !this.#holds(this.#older, address);
  }

  /** As the looker, where it is let in; else as the superuser. */
  looks(place: Place): boolean {
    return place.as === 'user' || (place.as === 'look' && !this.#holds(this.#closed, placeOf(place)));
  }

  /** Whether a refused session should be begun once more, in the other way that this now says. */
  learns(err: unknown, place: Place): boolean {
    const sqlState = sqlStateOf(err);
    if (sqlState === undefined) this.forget(place.address);
    if (sqlState === undefined || SAME_FOR_ALL.test(sqlState) || place.as === 'user') return false;
    const [map, key, ms] =
      sqlState === UNDEFINED_OBJECT && this.knows17(place.address)
        ? [this.#older, place.address, OLDER_FOR_MS]
        : [this.#closed, placeOf(place), CLOSED_FOR_MS];
    if (map === this.#closed && !this.looks(place)) return false;
    map.set(key, this.#now() + ms);
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
