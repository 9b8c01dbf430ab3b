import type { Kv, KvChange, KvWrite, Versioned } from './ports.ts';

type Row = Versioned<unknown> & { readonly key: string };

/** The key-value port in memory, for tests; behaves as etcd does, revisions included. */
export function createMemoryKv(): Kv {
  const rows = new Map<string, Row>();
  const watchers = new Set<{ prefix: string; onChange: (change: KvChange) => void }>();
  let revision = 0;

  const notify = (change: KvChange): void => {
    for (const watcher of watchers)
      if (change.key.startsWith(watcher.prefix)) queueMicrotask(() => watcher.onChange(change));
  };
  const drop = (key: string): void => {
    if (rows.delete(key)) notify({ key, value: undefined, deleted: true });
  };
  const write = (w: KvWrite): void => {
    if ('put' in w) {
      const value: unknown = JSON.parse(JSON.stringify(w.value));
      rows.set(w.put, { key: w.put, value, revision });
      notify({ key: w.put, value, deleted: false });
      if (w.ttlSeconds !== undefined) setTimeout(() => drop(w.put), w.ttlSeconds * 1000).unref();
    } else if ('remove' in w) drop(w.remove);
    else for (const key of [...rows.keys()].filter((k) => k.startsWith(w.removePrefix))) drop(key);
  };

  return {
    get: (key) => Promise.resolve(rows.get(key)),
    list: (prefix, { limit, order = 'asc', after } = {}) => {
      const sign = order === 'asc' ? 1 : -1;
      const found = [...rows.values()]
        .filter((row) => row.key.startsWith(prefix))
        .filter((row) => after === undefined || (order === 'asc' ? row.key > after : row.key < after))
        .sort((a, b) => (a.key < b.key ? -sign : sign));
      return Promise.resolve(limit !== undefined && limit > 0 ? found.slice(0, limit) : found);
    },
    commit: (expect, writes) => {
      if (expect.some((e) => (rows.get(e.key)?.revision ?? 0) !== e.revision)) return Promise.resolve(false);
      revision += 1;
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
