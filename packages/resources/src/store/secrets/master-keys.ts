import { randomBytes } from 'node:crypto';
import { DomainError } from '../../errors/index.ts';
import type { Kv, Versioned } from '../kv.ts';
import { decrypt, encrypt, KEY_BYTES } from './cipher.ts';
import { ownerText, type KeyOwner } from './key-owner.ts';
import {
  dataKeyRecords,
  masterKeyRecords,
  wrappedKeyRecords,
  type MasterKeyRecord,
  type WrappedKeyRecord,
} from './key-records.ts';
import type { KeyRing, MasterKey } from './key-ring.ts';
import type { FirstSealed, KeySource } from './key-source.ts';

type Store = Pick<Kv, 'get' | 'commit'>;

/** What a wrapped key is bound to: whose it is, which it is, and which master key wraps it. */
const placeOf = ({ kind, id }: KeyOwner, keyId: string, by: string): string =>
  JSON.stringify(['windlass data key', kind, id, keyId, by]);

export const wrap = (owner: KeyOwner, id: string, bytes: Buffer, master: MasterKey): WrappedKeyRecord => ({
  id,
  by: master.id,
  wrapped: encrypt(master.bytes, placeOf(owner, id, master.id), bytes),
});

/** Rejects with words where the ring has not the master key, or the record was moved or changed. */
export async function unwrap(ring: KeyRing, owner: KeyOwner, { id, by, wrapped }: WrappedKeyRecord): Promise<Buffer> {
  const master = await ring.find(by);
  if (!master) throw missing(ring, by, `the data key of ${ownerText(owner)}`);
  try {
    return decrypt(master.bytes, placeOf(owner, id, by), wrapped);
  } catch (cause) {
    const why = 'it was changed, or is the key of something else';
    throw new DomainError('server_error', `the data key of ${ownerText(owner)} cannot be unwrapped: ${why}`, { cause });
  }
}

/** In words of what to do: the ids are in `GET /v1/cluster/master-key`, too. */
export function missing(ring: KeyRing, id: string, what: string): DomainError {
  const has = ring.ids.join(', ');
  const text = `${what} is wrapped by master key ${id}, which ${ring.setting} does not hold (it holds ${has})`;
  return new DomainError('server_error', `${text}: add that key as a line of its own`);
}

/** The master key that wraps, named in the store; the first of the ring from then on where none is. */
export async function ensureMasterKey(kv: Store, ring: KeyRing): Promise<Versioned<MasterKeyRecord>> {
  for (;;) {
    const found = await masterKeyRecords.get(kv);
    if (found) return found;
    const active = ring.ids[0] ?? '';
    const key = masterKeyRecords.key();
    await kv.commit([{ key, revision: 0 }], [masterKeyRecords.put({ active, since: new Date().toISOString() })]);
  }
}

/** Data keys as they are in the store, for those who have the master key. */
export function createMasterKeys(kv: Store, ring: KeyRing): KeySource {
  return {
    open: async (owner, id) => {
      const found = (await wrappedKeyRecords.get(kv, owner.kind, owner.id))?.value;
      if (found?.id === id) return unwrap(ring, owner, found);
      throw new DomainError('server_error', `it was sealed with key ${id}, and ${nowOf(owner, found?.id)}`);
    },
    make: async (owner) => {
      const { value, revision } = await ensureMasterKey(kv, ring);
      const master = await ring.find(value.active);
      if (!master) throw missing(ring, value.active, `what is stored`);
      const key = { id: randomBytes(8).toString('hex'), bytes: randomBytes(KEY_BYTES) };
      const { kind, id } = owner;
      return {
        key,
        claim: {
          // Whoever makes the master key another one meanwhile finds this key, or has it made anew.
          expect: [
            { key: masterKeyRecords.key(), revision },
            { key: dataKeyRecords.key(kind, id), revision: 0 },
          ],
          writes: [
            dataKeyRecords.put({ id: key.id, madeAt: new Date().toISOString() }, kind, id),
            wrappedKeyRecords.put(wrap(owner, key.id, key.bytes, master), kind, id),
          ],
        },
      };
    },
    openFirst: (name, sealed) => Promise.resolve(openFirst(ring, name, sealed)),
  };
}

const nowOf = (owner: KeyOwner, id: string | undefined): string =>
  id === undefined ? `${ownerText(owner)} has none now` : `that of ${ownerText(owner)} is ${id} now`;

/** It does not say which master key it needs: each is tried. */
function openFirst({ keys }: KeyRing, name: string, { key, text }: FirstSealed): string {
  const causes: unknown[] = [];
  for (const { bytes } of keys) {
    try {
      return decrypt(decrypt(bytes, name, key), name, text).toString();
    } catch (err) {
      causes.push(err);
    }
  }
  throw new DomainError('server_error', 'no master key that is here fits', { cause: causes[0] });
}
