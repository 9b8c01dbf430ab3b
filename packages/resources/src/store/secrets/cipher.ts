import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Said to Node on both sides: without it a shortened tag, easier to forge, would be accepted. */
const TAG = { authTagLength: TAG_BYTES } as const;

/** AES-256-GCM: IV, tag, text. `place` is authenticated with it: whoever opens it has to name the same one. */
export function encryptBytes(key: Buffer, place: string, data: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, TAG).setAAD(Buffer.from(place));
  const body = Buffer.concat([cipher.update(data), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** Throws when key or place are others, or a byte was changed. */
export function decryptBytes(key: Buffer, place: string, bytes: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), TAG).setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
}

/** The same in base64. */
export const encrypt = (key: Buffer, place: string, data: Buffer): string =>
  encryptBytes(key, place, data).toString('base64');

export const decrypt = (key: Buffer, place: string, packed: string): Buffer =>
  decryptBytes(key, place, Buffer.from(packed, 'base64'));
