import type { Kv } from '../kv.ts';
import { keyHolders, type KeyHolderRecord } from './key-records.ts';
import type { KeyRing } from './key-ring.ts';

/** Told so often that a key that was added is known to all within seconds, and a process that ended is forgotten soon. */
const EVERY_MS = 5000;
const TTL_SECONDS = 20;

/** Reads the master keys again and again, and tells in the store which ones this process has. The answer ends that. */
export function holdKeys(
  kv: Pick<Kv, 'commit'>,
  ring: KeyRing,
  { role, id }: Omit<KeyHolderRecord, 'keys'>,
  onError: (err: unknown) => void,
): () => void {
  const name = `${role}.${id}.${String(process.pid)}`;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const tell = async (): Promise<void> => {
    await ring.reload().catch(onError);
    const value = { role, id, keys: ring.ids };
    await kv.commit([], [{ ...keyHolders.put(value, name), ttlSeconds: TTL_SECONDS }]).catch(onError);
    if (!isStopped) timer = setTimeout(() => void tell(), EVERY_MS);
  };
  void tell();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
