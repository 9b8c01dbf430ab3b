import type { z } from 'zod';
import { DomainError } from '../errors/index.ts';
import type { Kv, KvWrite, Versioned } from './kv.ts';

/** A stored record with the id it is kept under. */
export interface Row<T, Id extends readonly string[]> extends Versioned<T> {
  readonly key: string;
  readonly id: Id;
}

/** A value as the store gives it. */
export type Found = Versioned<unknown> & { readonly key: string };

/** Told of a record that cannot be read, where that must not keep the others from being read. */
export type Unreadable = (err: DomainError, found: Found) => void;

export interface ListOptions {
  readonly limit?: number | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
  /** Key of the last record that was read. */
  readonly after?: string | undefined;
  /** Records that cannot be read are left out and told here. Without it one of them is an error. */
  readonly unreadable?: Unreadable | undefined;
}

/** The first parts of an id. */
export type Under<Id extends readonly string[]> = Id extends readonly [...infer Rest extends readonly string[], string]
  ? Id | Under<Rest>
  : readonly [];

/** What goes into the transaction of a change besides the record itself. */
export interface Also {
  readonly expect?: readonly { readonly key: string; readonly revision: number }[];
  readonly writes?: readonly KvWrite[];
}

/** What a transaction expects, and what it writes. */
export type Claim = Required<Also>;

/** What is particular to how some records are kept. */
interface Kept<Id extends readonly string[]> {
  /** Position of a last part that is a name of somebody else's making; it may hold slashes, or nothing. */
  readonly restAt?: number;
  /** Which ids are of this collection, where another one has the same prefix: it does not see the other's. */
  readonly holds?: (id: Id) => boolean;
}

/**
 * Records of one sort: where they are kept and what they look like. The only way to a stored value; every one is read through
 * its schema, so that nothing is taken for what it is not. `Id` names the parts of a key, for example `[scope, entity, task]`.
 */
export class Collection<T, Id extends readonly string[]> {
  /** What every key begins with. */
  readonly prefix: string;
  readonly #schema: z.ZodType<T>;
  readonly #restAt: number;
  readonly #holds: (id: Id) => boolean;

  constructor(prefix: string, schema: z.ZodType<T>, { restAt = Infinity, holds = () => true }: Kept<Id> = {}) {
    this.prefix = prefix;
    this.#schema = schema;
    this.#restAt = restAt;
    this.#holds = holds;
  }

  key(...id: Id): string {
    return [this.prefix, ...id.map((part, at) => (at === this.#restAt ? part : checked(part)))].join('/');
  }

  /** What the keys of all records begin with, or of those of one entity. */
  under(...some: Under<Id>): string {
    return [this.prefix, ...some.map(checked), ''].join('/');
  }

  async get(kv: Pick<Kv, 'get'>, ...id: Id): Promise<Versioned<T> | undefined> {
    const key = this.key(...id);
    const found = await kv.get(key);
    return found && { value: this.parse(found.value, key), revision: found.revision };
  }

  /** In the order of their keys. */
  async list(kv: Pick<Kv, 'list'>, some: Under<Id>, options: ListOptions = {}): Promise<Row<T, Id>[]> {
    const { limit = Infinity, order, unreadable } = options;
    const found: Row<T, Id>[] = [];
    for (let { after } = options; ;) {
      const left = limit - found.length;
      const rows = await kv.list(this.under(...some), {
        ...(left < Infinity && { limit: left }),
        ...(order && { order }),
        ...(after !== undefined && { after }),
      });
      found.push(...rows.flatMap((row) => this.row(row, unreadable) ?? []));
      if (rows.length < left || found.length === limit) return found;
      after = rows.at(-1)?.key; // some of the page were left out: others take their places
    }
  }

  /** What was found under a key, for example by a watch; undefined for another's, and when it cannot be read and that is told. */
  row(found: Found, unreadable?: Unreadable): Row<T, Id> | undefined {
    const { key, value, revision } = found;
    const id = this.idOf(key);
    if (!this.#holds(id)) return undefined;
    const read = this.#read(value, key);
    if ('record' in read) return { key, revision, id, value: read.record };
    if (!unreadable) throw read.error;
    unreadable(read.error, found);
    return undefined;
  }

  /** A record as one write of a transaction. */
  put(value: T, ...id: Id): KvWrite {
    return { put: this.key(...id), value };
  }

  remove(...id: Id): KvWrite {
    return { remove: this.key(...id) };
  }

  removeUnder(...some: Under<Id>): KvWrite {
    return { removePrefix: this.under(...some) };
  }

  /**
   * Changes a record as often as it takes for nobody else to have changed it meanwhile. `change` gives the new one, or undefined to
   * leave it; it is called anew with what is there by then. Gives the record as it is now; undefined when there is none.
   */
  async change(
    kv: Pick<Kv, 'get' | 'commit'>,
    id: Id,
    change: (record: T) => T | undefined,
    also: (next: T) => Also = () => ({}),
  ): Promise<T | undefined> {
    for (;;) {
      const found = await this.get(kv, ...id);
      if (!found) return undefined;
      const next = change(found.value);
      if (next === undefined) return found.value;
      const { expect = [], writes = [] } = also(next);
      const here = { key: this.key(...id), revision: found.revision };
      if ((await kv.commit([here, ...expect], [this.put(next, ...id), ...writes])) !== false) return next;
    }
  }

  /** A value that was found under a key, for example by a watch. Throws `record_unreadable`. */
  parse(value: unknown, key: string): T {
    const read = this.#read(value, key);
    if ('error' in read) throw read.error;
    return read.record;
  }

  #read(value: unknown, key: string): { readonly record: T } | { readonly error: DomainError } {
    const parsed = this.#schema.safeParse(value);
    if (parsed.success) return { record: parsed.data };
    const [issue] = parsed.error.issues;
    const where = issue ? `${issue.path.join('.')}: ${issue.message}` : 'it is not what was expected';
    const message = `what is stored under '${key}' cannot be read: ${where}`;
    return { error: new DomainError('record_unreadable', message) };
  }

  idOf(key: string): Id {
    const parts = key.slice(this.prefix.length + 1).split('/');
    const own = parts.slice(0, this.#restAt);
    return (parts.length > own.length ? [...own, parts.slice(own.length).join('/')] : own) as readonly string[] as Id;
  }
}

/** A part with a slash would be two. */
function checked(part: string): string {
  if (part === '' || part.includes('/')) throw new DomainError('server_error', `'${part}' cannot be a part of a key`);
  return part;
}
