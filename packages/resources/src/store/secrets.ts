import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '../errors/index.ts';
import { keys } from './keys.ts';
import type { Kv } from './kv.ts';

/** `key`: the data key, encrypted with the master key. `text`: the text, encrypted with the data key. */
const sealedText = z.object({ v: z.literal(1), key: z.string(), text: z.string() });
type Sealed = z.output<typeof sealedText>;

/** Small secrets, encrypted in etcd. Names are paths such as `database/hello/etcd/hello-n1-689qacsi`. */
export interface SecretsPort {
  get(name: string): Promise<string | undefined>;
  /** Keeps the first value stored: two callers get the same secret. */
  getOrCreate(name: string, make: () => string): Promise<string>;
  put(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
  removePrefix(prefix: string): Promise<void>;
  /** Encrypts a text that is kept elsewhere, for those who have the master key: `SecretBox.open` with the same name. */
  seal(name: string, text: string): unknown;
}

export interface SecretBox {
  /** The name is authenticated with the text: a value moved to another name cannot be opened. */
  seal(name: string, text: string): Sealed;
  open(name: string, sealed: unknown): string;
}

/** Envelope encryption, AES-256-GCM: every value has a data key of its own, wrapped by the 32-byte master key. */
export function createSecretBox(masterKey: Buffer): SecretBox {
  if (masterKey.length !== 32) throw new Error('the master key must have 32 bytes');
  return {
    seal: (name, text) => {
      const dataKey = randomBytes(32);
      return { v: 1, key: encrypt(masterKey, name, dataKey), text: encrypt(dataKey, name, Buffer.from(text)) };
    },
    open: (name, sealed) => {
      try {
        const { key, text } = sealedText.parse(sealed);
        return decrypt(decrypt(masterKey, name, key), name, text).toString();
      } catch (cause) {
        throw new DomainError('server_error', `the secret '${name}' cannot be opened with this master key`, { cause });
      }
    },
  };
}

/** Said to Node on both sides: without it a shortened tag, easier to forge, would be accepted. */
const TAG = { authTagLength: 16 } as const;

function encrypt(key: Buffer, name: string, data: Buffer): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv, TAG).setAAD(Buffer.from(name));
  const body = Buffer.concat([cipher.update(data), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
}

function decrypt(key: Buffer, name: string, packed: string): Buffer {
  const bytes = Buffer.from(packed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), TAG).setAAD(Buffer.from(name));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
}

/** Secrets in the key-value store, sealed. */
export function createSecrets(kv: Kv, box: SecretBox): SecretsPort {
  const get = async (name: string): Promise<string | undefined> => {
    const found = await kv.get(keys.secret(name));
    return found && box.open(name, found.value);
  };
  return {
    get,
    getOrCreate: async (name, make) => {
      const existing = await get(name);
      if (existing !== undefined) return existing;
      await kv.commit(
        [{ key: keys.secret(name), revision: 0 }],
        [{ put: keys.secret(name), value: box.seal(name, make()) }],
      );
      const stored = await get(name);
      if (stored === undefined)
        throw new DomainError('resource_contended', `the secret '${name}' was removed at the same time`);
      return stored;
    },
    put: async (name, value) => void (await kv.commit([], [{ put: keys.secret(name), value: box.seal(name, value) }])),
    remove: async (name) => void (await kv.commit([], [{ remove: keys.secret(name) }])),
    seal: (name, text) => box.seal(name, text),
    removePrefix: async (prefix) => void (await kv.commit([], [{ removePrefix: keys.secret(prefix) }])),
  };
}
