import { setTimeout as delay } from 'node:timers/promises';
import type { Etcd3 } from 'etcd3';

const REOPEN_AFTER_MS = 250;
/** etcd3 waits for an answer to a cancelled watch that may never come, for example while etcd is down. */
const CLOSE_WITHIN_MS = 1000;

/**
 * Watches a prefix. Whatever goes wrong (compaction, lost connection), the watch is opened anew and `onResync` is
 * called, so that the reader lists the prefix again and misses nothing.
 */
export async function openWatch(
  client: Etcd3,
  prefix: string,
  onChange: (key: string, value: Buffer | undefined, revision: number) => void,
  onResync: () => void,
): Promise<{ close(): Promise<void> }> {
  const nothing = (): Promise<void> => Promise.resolve();
  let closed = false;
  let cancel = nothing;

  const open = async (): Promise<void> => {
    const watcher = await client.watch().prefix(prefix).create();
    cancel = () => watcher.cancel();
    const unlessClosed = (act: () => void): void => (closed ? undefined : act());
    watcher.on('put', (kv) => unlessClosed(() => onChange(kv.key.toString(), kv.value, Number(kv.mod_revision))));
    watcher.on('delete', (kv) => unlessClosed(() => onChange(kv.key.toString(), undefined, 0)));
    watcher.on('connected', () => unlessClosed(onResync));
    watcher.on('error', () => {
      cancel = nothing; // etcd has ended this watch: there is nothing left to cancel
      reopen();
    });
    if (closed) await cancel();
  };
  const reopen = (): void => {
    if (closed) return;
    setTimeout(() => {
      if (!closed) void open().then(() => (closed ? undefined : onResync()), reopen);
    }, REOPEN_AFTER_MS).unref();
  };

  await open().catch(reopen);
  return {
    close: async () => {
      closed = true;
      const limit = new AbortController();
      const late = delay(CLOSE_WITHIN_MS, undefined, { signal: limit.signal }).catch(() => undefined);
      await Promise.race([cancel().catch(() => undefined), late]);
      limit.abort();
    },
  };
}
