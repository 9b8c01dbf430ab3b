import type { Etcd3 } from 'etcd3';

/**
 * Watches a prefix. Whatever goes wrong (compaction, lost connection), the watch is opened anew and `onResync` is
 * called, so that the reader lists the prefix again and misses nothing.
 */
export async function openWatch(
  client: Etcd3,
  prefix: string,
  onChange: (key: string, value: Buffer | undefined) => void,
  onResync: () => void,
): Promise<{ close(): Promise<void> }> {
  let closed = false;
  let cancel: () => Promise<void> = () => Promise.resolve();

  const open = async (): Promise<void> => {
    const watcher = await client.watch().prefix(prefix).create();
    cancel = () => watcher.cancel();
    watcher.on('put', (kv) => onChange(kv.key.toString(), kv.value));
    watcher.on('delete', (kv) => onChange(kv.key.toString(), undefined));
    watcher.on('connected', () => onResync());
    watcher.on('error', () => reopen());
    if (closed) await cancel();
  };
  const reopen = (): void => {
    if (closed) return;
    setTimeout(() => {
      if (closed) return;
      void open().then(onResync, reopen);
    }, 250).unref();
  };

  await open().catch(reopen);
  return {
    close: async () => {
      closed = true;
      await cancel().catch(() => undefined);
    },
  };
}
