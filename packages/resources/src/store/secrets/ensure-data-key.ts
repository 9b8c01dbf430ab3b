import type { Kv } from '../kv.ts';
import type { KeyOwner } from './key-owner.ts';
import type { DataKey } from './key-source.ts';
import type { SecretBox } from './secret-box.ts';

/** The key of an owner, of this id or the one that seals now; one that has none gets one, once, whoever asks. */
export async function ensureDataKey(
  kv: Pick<Kv, 'commit'>,
  box: SecretBox,
  owner: KeyOwner,
  id?: string,
): Promise<DataKey> {
  for (;;) {
    const { key, claim } = await box.keyOf(owner, id);
    if (claim.writes.length === 0 || (await kv.commit(claim.expect, claim.writes)) !== false) return key;
  }
}
