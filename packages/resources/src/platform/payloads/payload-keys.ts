import { ensureDataKey, type DataKey, type KeyOwner, type Kv, type SecretBox } from '../../store/index.ts';

/** What is kept in Temporal has one data key, for the whole cluster: docs/adr/0043-what-temporal-keeps-is-encrypted.md. */
export const OF_TEMPORAL: KeyOwner = { kind: 'temporal', id: 'payloads' };

/** Keys of what Temporal keeps. Each is had once and kept in memory; what cannot be had is asked for again the next time. */
export interface PayloadKeys {
  /** The one that encrypts; it is made where there is none. */
  current(): Promise<DataKey>;
  /** One that encrypted something; rejects with words where it cannot be had. */
  find(id: string): Promise<Buffer>;
}

export function createPayloadKeys(kv: Pick<Kv, 'commit'>, box: SecretBox): PayloadKeys {
  let known: Promise<DataKey> | undefined;
  return {
    current: () => {
      known ??= ensureDataKey(kv, box, OF_TEMPORAL);
      known.catch(() => (known = undefined));
      return known;
    },
    find: async (id) => (await box.keyOf(OF_TEMPORAL, id)).key.bytes,
  };
}
