import { keys } from '../keys.ts';
import type { Kv } from '../kv.ts';
import type { SecretBox } from './secret-box.ts';

/** Small secrets, encrypted in etcd. Names are paths such as `database/hello/etcd/hello-n1-689qacsi`. */
export interface SecretsPort {
  get(name: string): Promise<string | undefined>;
  /** Keeps the first value stored: two callers get the same secret. */
  getOrCreate(name: string, make: () => string): Promise<string>;
  put(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
  removePrefix(prefix: string): Promise<void>;
  /** Encrypts a text that is kept elsewhere, for those who have its key: `SecretBox.open` with the same name. */
  seal(name: string, text: string): Promise<unknown>;
}

/** Secrets in the key-value store, sealed. */
export function createSecrets(kv: Kv, box: SecretBox): SecretsPort {
  const get = async (name: string): Promise<string | undefined> => {
    const found = await kv.get(keys.secret(name));
    return found && box.open(name, found.value);
  };
  /** False when the secret is not as expected. An owner that got its key meanwhile is tried again: somebody has come further. */
  const store = async (name: string, text: string, revision?: number): Promise<boolean> => {
    const key = keys.secret(name);
    for (;;) {
      const { values, claim } = await box.seal([[name, text]]);
      const own = revision === undefined ? [] : [{ key, revision }];
      const writes = [{ put: key, value: values[0] }, ...claim.writes];
      if ((await kv.commit([...own, ...claim.expect], writes)) !== false) return true;
      if (revision !== undefined && ((await kv.get(key))?.revision ?? 0) !== revision) return false;
    }
  };
  return {
    get,
    getOrCreate: async (name, make) => {
      for (;;) {
        const existing = await get(name);
        if (existing !== undefined) return existing;
        const text = make();
        if (await store(name, text, 0)) return text;
      }
    },
    put: async (name, value) => void (await store(name, value)),
    remove: async (name) => void (await kv.commit([], [{ remove: keys.secret(name) }])),
    seal: async (name, text) => {
      for (;;) {
        const { values, claim } = await box.seal([[name, text]]);
        if (claim.writes.length === 0 || (await kv.commit(claim.expect, claim.writes)) !== false) return values[0];
      }
    },
    removePrefix: async (prefix) => void (await kv.commit([], [{ removePrefix: keys.secret(prefix) }])),
  };
}
