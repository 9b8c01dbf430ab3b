import { createMasterKeys, createSecretBox, KeyRing, type Kv, type SecretBox } from '../store/index.ts';

/** The master keys of tests: always the same one. */
export const testKeyRing = (): KeyRing => KeyRing.of(Buffer.alloc(32, 1));

/** Seals with the master key of tests. */
export const aBox = (kv: Kv, ring = testKeyRing()): SecretBox => createSecretBox(kv, createMasterKeys(kv, ring));
