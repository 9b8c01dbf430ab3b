import { DomainError } from '../errors/index.ts';
import type { Kv, KvChange, KvWrite, Versioned } from './kv.ts';
import { encode, refuseOversize } from './request-limits.ts';

type Row = Versioned<unknown> & { readonly key: string };
type Stored = Omit<Row, 'value'> & { readonly text: string };

/** The key-value port in memory, for tests; behaves as etcd does, revisions included. */
export function createMemoryKv(): Kv {
  const rows = new Map<string, Stored>();
  const expiries = new Map<string, NodeJS.Timeout>();
  const watchers = new Set<{ prefix: string; onChange: (change: KvChange) => void }>();
  let revision = 0;

  const notify = (change: KvChange): void => {
    for (const watcher of watchers)
      if (change.key.startsWith(watcher.prefix))
        queueMicrotask(() => (watchers.has(watcher) ? watcher.onChange(change) : undefined));
  };
  const drop = (key: string): void => {
    clearTimeout(expiries.get(key));
    if (rows.delete(key)) notify({ key, value: undefined, deleted: true, revision: 0 });
  };
  const put = (key: string, value: unknown, ttlSeconds: number | undefined): void => {
    clearTimeout(expiries.get(key));
    const text = JSON.stringify(value);
    rows.set(key, { key, text, revision });
    notify({ key, value: JSON.parse(text) as unknown, deleted: false, revision });
    if (ttlSeconds !== undefined) expiries.set(key, setTimeout(() => drop(key), ttlSeconds * 1000).unref());
  };
  const write = (w: KvWrite): void => {
    if ('put' in w) put(w.put, w.value, w.ttlSeconds);
    else if ('remove' in w) drop(w.remove);
    else for (const key of [...rows.keys()].filter((k) => k.startsWith(w.removePrefix))) drop(key);
  };

  return {
    get: (key) => {
      const found = rows.get(key);
      return Promise.resolve(found && { value: JSON.parse(found.text) as unknown, revision: found.revision });
    },
    list: (prefix, { limit, order = 'asc', after } = {}) => {
      const sign = order === 'asc' ? 1 : -1;
      const found = [...rows.values()]
        .filter((row) => row.key.startsWith(prefix))
        .filter((row) => after === undefined || (order === 'asc' ? row.key > after : row.key < after))
        .sort((a, b) => (a.key < b.key ? -sign : sign))
        .slice(0, limit !== undefined && limit > 0 ? limit : undefined);
      return Promise.resolve(found.map(toRow));
    },
    commit: async (expect, writes) => {
      refuseOverlap(writes);
      refuseOversize(expect.length, writes.map(encode));
      if (expect.some((e) => (rows.get(e.key)?.revision ?? 0) !== e.revision)) return Promise.resolve(false);
      if (writes.length > 0) revision += 1;
      writes.forEach(write);
      return Promise.resolve(revision);
    },
    watch: (prefix, onChange) => {
      const watcher = { prefix, onChange };
      watchers.add(watcher);
      return Promise.resolve({ close: () => Promise.resolve(void watchers.delete(watcher)) });
    },
    close: () => Promise.resolve(watchers.clear()),
  };
}

const toRow = ({ key, text, revision }: Stored): Row => ({ key, revision, value: JSON.parse(text) as unknown });

/** etcd refuses a transaction that writes a key twice; so must the fake, or such code passes its tests only. */
function refuseOverlap(writes: readonly KvWrite[]): void {
  const puts = writes.flatMap((w) => ('put' in w ? [w.put] : []));
  const isRemoved = (key: string): boolean =>
    writes.some((w) => ('remove' in w && w.remove === key) || ('removePrefix' in w && key.startsWith(w.removePrefix)));
  if (new Set(puts).size < puts.length || puts.some(isRemoved))
    throw new DomainError('server_error', 'a transaction writes the same key twice');
}
