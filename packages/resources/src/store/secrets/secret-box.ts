import { z } from 'zod';
import { DomainError } from '../../errors/index.ts';
import type { Claim } from '../collection.ts';
import type { Kv } from '../kv.ts';
import { decrypt, encrypt } from './cipher.ts';
import { ownerOf, type KeyOwner } from './key-owner.ts';
import { dataKeyRecords } from './key-records.ts';
import type { DataKey, KeySource } from './key-source.ts';

/** `key`: the id of the owner's data key. `text`: the text, encrypted with it. */
const sealedText = z.object({ v: z.literal(2), key: z.string(), text: z.string() });
/** Of the first release: a data key of its own, wrapped by the master key. */
const firstSealed = z.object({ v: z.literal(1), key: z.string(), text: z.string() });
const anySealed = z.discriminatedUnion('v', [sealedText, firstSealed]);
export type Sealed = z.output<typeof sealedText>;

/** A secret by its name, which says whose it is: `database/shop/user/app`. */
export type NamedText = readonly [name: string, text: string];

/** What was sealed, in the order it was given, and what the transaction that stores it has to expect and write besides. */
export interface Sealing {
  readonly values: readonly Sealed[];
  readonly claim: Claim;
}

export interface SecretBox {
  /** Writes nothing: the claim makes the keys of owners that have none. It may not be committed twice. */
  seal(texts: readonly NamedText[]): Promise<Sealing>;
  /** The key itself: the one of this id, or the one that seals now. */
  keyOf(owner: KeyOwner, id?: string): Promise<{ readonly key: DataKey; readonly claim: Claim }>;
  /** Rejects with words that name the secret: what is at another place, or of another time, is never opened wrongly. */
  open(name: string, sealed: unknown): Promise<string>;
}

/** Whether a stored value is as the first release sealed it. */
export const isFirstSealed = (value: unknown): boolean => firstSealed.safeParse(value).success;

/** What a text is bound to: where it is kept, and the key of that time. */
const placeOf = ({ kind, id }: KeyOwner, name: string, keyId: string): string =>
  JSON.stringify(['windlass secret', kind, id, name, keyId]);

/** Envelope encryption, AES-256-GCM: what belongs to one entity is sealed with one data key, which the master key wraps. */
export function createSecretBox(kv: Pick<Kv, 'get'>, source: KeySource): SecretBox {
  /** Keys never change: one that was opened stays good, and the store says which one an owner has. */
  const opened = new Map<string, Promise<Buffer>>();
  const keyOf = (owner: KeyOwner, id: string): Promise<Buffer> => {
    const place = `${owner.kind}/${owner.id}/${id}`;
    const known = opened.get(place);
    if (known) return known;
    const key = source.open(owner, id);
    opened.set(place, key);
    key.catch(() => opened.delete(place));
    return key;
  };
  const current = async (owner: KeyOwner): Promise<{ readonly key: DataKey; readonly claim: Claim }> => {
    const found = await dataKeyRecords.get(kv, owner.kind, owner.id);
    if (!found) return source.make(owner);
    const { id } = found.value;
    const expected = { key: dataKeyRecords.key(owner.kind, owner.id), revision: found.revision };
    return { key: { id, bytes: await keyOf(owner, id) }, claim: { expect: [expected], writes: [] } };
  };
  return {
    seal: async (texts) => {
      const owners = new Map(texts.map(([name]) => [keyFor(ownerOf(name)), ownerOf(name)]));
      const keys = new Map(
        await Promise.all([...owners].map(async ([place, owner]) => [place, await current(owner)] as const)),
      );
      const values = texts.map(([name, text]): Sealed => {
        const owner = ownerOf(name);
        const { key } = keys.get(keyFor(owner)) ?? never(name);
        return { v: 2, key: key.id, text: encrypt(key.bytes, placeOf(owner, name, key.id), Buffer.from(text)) };
      });
      const claims = [...keys.values()].map(({ claim }) => claim);
      return {
        values,
        claim: { expect: claims.flatMap(({ expect }) => expect), writes: claims.flatMap(({ writes }) => writes) },
      };
    },
    keyOf: async (owner, id) =>
      id === undefined
        ? current(owner)
        : { key: { id, bytes: await keyOf(owner, id) }, claim: { expect: [], writes: [] } },
    open: async (name, sealed) => {
      try {
        const read = anySealed.parse(sealed);
        if (read.v === 1) return await source.openFirst(name, read);
        const owner = ownerOf(name);
        const key = await keyOf(owner, read.key);
        return openText(key, placeOf(owner, name, read.key), read.text);
      } catch (err) {
        throw notOpened(name, err);
      }
    },
  };
}

const keyFor = ({ kind, id }: KeyOwner): string => `${kind}/${id}`;

function openText(key: Buffer, place: string, text: string): string {
  try {
    return decrypt(key, place, text).toString();
  } catch (cause) {
    throw new DomainError('server_error', 'it was changed, or sealed for another place', { cause });
  }
}

/** What may pass, as a server that does not answer, keeps its name. */
function notOpened(name: string, cause: unknown): DomainError {
  const { code, message } = cause instanceof DomainError ? cause : { code: 'server_error' as const, message: 'it is no sealed value' }; // prettier-ignore
  return new DomainError(code, `the secret '${name}' cannot be opened: ${message}`, { cause });
}

function never(name: string): never {
  throw new DomainError('server_error', `the secret '${name}' has no key`);
}
