import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Said to Node on both sides: without it a shortened tag, easier to forge, would be accepted. */
const TAG = { authTagLength: TAG_BYTES } as const;

/** AES-256-GCM, in base64: IV, tag, text. `place` is authenticated with it: whoever opens it has to name the same one. */
export function encrypt(key: Buffer, place: string, data: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, TAG).setAAD(Buffer.from(place));
  const body = Buffer.concat([cipher.update(data), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
}

/** Throws when key or place are others, or a byte was changed. */
export function decrypt(key: Buffer, place: string, packed: string): Buffer {
  const bytes = Buffer.from(packed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), TAG).setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
}
