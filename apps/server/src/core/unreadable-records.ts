import type { DomainError } from '@windlass/resources/errors';
import type { Collection, Found, Kv, Row, Under } from '@windlass/resources/store';

/** A stored value that is no record of its collection, and why. */
interface UnreadableRow<Id extends readonly string[]> extends Found {
  readonly id: Id;
  readonly error: DomainError;
}

/** What was read of many, and what could not be. */
interface Sifted<T, Id extends readonly string[]> {
  readonly rows: readonly Row<T, Id>[];
  readonly unreadable: readonly UnreadableRow<Id>[];
}

type Tell = (facts: { readonly key: string; readonly err: unknown }, message: string) => void;

/** So many keys are remembered as told; then all are told again. */
const REMEMBERED = 10_000;

/**
 * Stored records that this version cannot read, for example of a later one. Who looks at many goes on without them; each is
 * told once for every time it was written, and they are counted for as long as they are found.
 */
export class UnreadableRecords {
  readonly #tell: Tell;
  /** By key: the revision that was told. */
  readonly #told = new Map<string, number>();
  /** By what a list was of: the keys found when it was read last. */
  readonly #found = new Map<string, ReadonlySet<string>>();

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** How many there are, as the last lists found them. */
  get count(): number {
    return new Set([...this.#found.values()].flatMap((keys) => [...keys])).size;
  }

  /** One that a watch came across. */
  noticed(error: DomainError, key: string): void {
    if (!this.#told.has(key)) this.#tellOf(key, 0, error);
  }

  /** What a whole list found; what it found before and does not any more is well again. */
  found(list: string, rows: readonly UnreadableRow<readonly string[]>[]): void {
    this.#found.set(list, new Set(rows.map(({ key }) => key)));
    for (const { key, revision, error } of rows) {
      if (this.#told.get(key) !== revision) this.#tellOf(key, revision, error);
    }
  }

  #tellOf(key: string, revision: number, err: DomainError): void {
    if (this.#told.size >= REMEMBERED) this.#told.clear();
    this.#told.set(key, revision);
    this.#tell({ key, err }, 'a stored record cannot be read; it is left out');
  }
}

export interface ManyDeps {
  readonly kv: Pick<Kv, 'list'>;
  readonly unreadable: UnreadableRecords;
}

/** The records of a collection that can be read; what cannot be is told. */
export async function listReadable<T, Id extends readonly string[]>(
  deps: ManyDeps,
  collection: Collection<T, Id>,
  some: Under<Id>,
): Promise<readonly Row<T, Id>[]> {
  return (await siftAndTell(deps, collection, some)).rows;
}

/** The same, with what cannot be read, for who has something to say about that, too. */
export async function siftAndTell<T, Id extends readonly string[]>(
  { kv, unreadable }: ManyDeps,
  collection: Collection<T, Id>,
  some: Under<Id>,
): Promise<Sifted<T, Id>> {
  const unread: UnreadableRow<Id>[] = [];
  const rows = await collection.list(kv, some, {
    unreadable: (error, found) => unread.push({ ...found, id: collection.idOf(found.key), error }),
  });
  unreadable.found(collection.under(...some), unread);
  return { rows, unreadable: unread };
}
