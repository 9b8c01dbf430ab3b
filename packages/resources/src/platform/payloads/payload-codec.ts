import { hkdfSync, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { DomainError } from '../../errors/index.ts';
import { decryptBytes, encryptBytes, KEY_BYTES } from '../../store/secrets/cipher.ts';
import type { PayloadKeys } from './payload-keys.ts';

const { Payload: Wire } = proto.temporal.api.common.v1;

/** As in Temporal's own examples: its UI shows such payloads as encrypted. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const SALT_BYTES = 16;
const PURPOSE = 'windlass temporal payload';

/**
 * What Temporal keeps of arguments, results, summaries, memos and details of failures: AES-256-GCM. What is not encrypted, as of an
 * earlier release, is decoded to itself.
 */
export function createPayloadCodec(keys: PayloadKeys): PayloadCodec {
  const decodeOne = async (payload: Payload): Promise<Payload> => {
    if (textOf(payload, 'encoding') !== ENCODING) return payload;
    const id = textOf(payload, KEY_ID);
    return open(await keys.find(id), id, payload.data ?? new Uint8Array());
  };
  return {
    encode: async (payloads) => {
      const { id, bytes } = await keys.current();
      return payloads.map((payload) => seal(bytes, id, payload));
    },
    decode: (payloads) => Promise.all(payloads.map(decodeOne)),
  };
}

/** Decodes as the other one does and encodes nothing. */
export const decodingOnly = ({ decode }: PayloadCodec): PayloadCodec => ({
  encode: (payloads) => Promise.resolve(payloads),
  decode,
});

/** Each payload has a key of its own, derived with a salt: no number of them is too many for one data key. */
const derive = (key: Buffer, salt: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, PURPOSE, KEY_BYTES));

const placeOf = (id: string): string => JSON.stringify([PURPOSE, id]);

function seal(key: Buffer, id: string, payload: Payload): Payload {
  const salt = randomBytes(SALT_BYTES);
  const sealed = encryptBytes(derive(key, salt), placeOf(id), Wire.encode(payload).finish());
  return {
    metadata: { encoding: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(id) },
    data: Buffer.concat([salt, sealed]),
  };
}

function open(key: Buffer, id: string, data: Uint8Array): Payload {
  const salt = data.subarray(0, SALT_BYTES);
  try {
    return Wire.decode(decryptBytes(derive(key, salt), placeOf(id), data.subarray(SALT_BYTES)));
  } catch (cause) {
    throw new DomainError('server_error', `a payload of Temporal cannot be decrypted with key ${id}: it was changed`, {
      cause,
    });
  }
}

const textOf = ({ metadata }: Payload, name: string): string => Buffer.from(metadata?.[name] ?? []).toString();
