import { createHmac } from 'node:crypto';
import { KEY_BYTES } from './cipher.ts';

export interface MasterKey {
  /** Says which key it is and nothing about it. */
  readonly id: string;
  readonly bytes: Buffer;
}

export const masterKeyOf = (bytes: Buffer): MasterKey => ({
  id: createHmac('sha256', bytes).update('windlass master key').digest('hex').slice(0, 16),
  bytes,
});

/**
 * The keys of a text: one a line, 64 hexadecimal digits; empty lines and what begins with `#` are nobody's. Throws what is wrong in
 * words that have nothing of a key.
 */
export function parseMasterKeys(text: string): readonly MasterKey[] {
  const lines = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new Error('holds no key: a key is 32 bytes as 64 hexadecimal digits');
  const bad = lines.findIndex((line) => !new RegExp(`^[0-9a-f]{${String(KEY_BYTES * 2)}}$`, 'i').test(line));
  if (bad >= 0) throw new Error(`must hold 32 bytes as 64 hexadecimal digits a line; key ${String(bad + 1)} is none`);
  return lines.map((line) => masterKeyOf(Buffer.from(line, 'hex')));
}

/** Where master keys come from; `setting` is what a user would change. */
export interface KeyRingSource {
  readonly setting: string;
  read(): Promise<string>;
}

/** The master keys this process has, by id. They are read again when one is asked for that is not there. */
export class KeyRing {
  readonly setting: string;
  readonly #source: KeyRingSource;
  #keys: readonly MasterKey[];

  private constructor(source: KeyRingSource, keys: readonly MasterKey[]) {
    this.setting = source.setting;
    this.#source = source;
    this.#keys = keys;
  }

  /** Rejects with words that name the setting. */
  static async open(source: KeyRingSource): Promise<KeyRing> {
    return new KeyRing(source, await readFrom(source));
  }

  /** One that never changes. */
  static of(...keys: readonly Buffer[]): KeyRing {
    const read = (): Promise<string> => Promise.resolve(keys.map((key) => key.toString('hex')).join('\n'));
    return new KeyRing({ setting: 'WINDLASS_MASTER_KEY', read }, keys.map(masterKeyOf));
  }

  /** In the order of the text: of a store that names none the first one is used. */
  get keys(): readonly MasterKey[] {
    return this.#keys;
  }

  get ids(): readonly string[] {
    return this.#keys.map(({ id }) => id);
  }

  async find(id: string): Promise<MasterKey | undefined> {
    const has = (): MasterKey | undefined => this.#keys.find((key) => key.id === id);
    if (!has()) await this.reload().catch(() => undefined);
    return has();
  }

  /** What cannot be read leaves the keys as they are. */
  async reload(): Promise<void> {
    this.#keys = await readFrom(this.#source);
  }
}

async function readFrom({ setting, read }: KeyRingSource): Promise<readonly MasterKey[]> {
  const text = await read();
  try {
    return parseMasterKeys(text);
  } catch (err) {
    throw new Error(`${setting}: ${(err as Error).message}`, { cause: err });
  }
}
